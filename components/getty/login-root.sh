#!/bin/sh
exec login -f root
