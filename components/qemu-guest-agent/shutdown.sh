#!/bin/sh
# shutdown -h|-P|-r|-H +0: PID 1 takes the signals of busybox' init.
case "$*" in
  *-r*) kill -TERM 1 ;;
  *-H*) kill -USR1 1 ;;
  *) kill -USR2 1 ;;
esac
