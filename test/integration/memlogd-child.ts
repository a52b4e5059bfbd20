/** `memlogd` with its places as arguments: the log socket, the query socket, the control API's. */
import { memlogdApplet } from '../../supervisor/applets/memlogd-applet.ts';

const [log = '', query = '', control = ''] = process.argv.slice(2);
void memlogdApplet([], { log, query, control });
