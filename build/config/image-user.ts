/**
 * Whom an image's `User` means, by the image's own /etc/passwd and /etc/group. Pure. The rules are Docker's:
 * `user`, `user:group`, each a name or a number; without a group it is the user's own, with those groups
 * beside it whose member the user is.
 */

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface AccountFiles {
  /** '' for an image without one. */
  readonly passwd: string;
  readonly group: string;
}

/** The account, or the name that the files do not have. */
export function findAccount(
  user: string,
  files: AccountFiles,
): Account | { readonly unknown: string } {
  const [name = '', groupName] = user.split(':', 2);
  const known = records(files.passwd).find(([login, , uid]) => login === name || uid === name);
  const uid = number(known?.[2]) ?? number(name);
  if (uid === undefined) return { unknown: name };
  if (groupName !== undefined && groupName !== '') {
    const gid = number(groupName) ?? number(findGroup(groupName, files)?.[2]);
    return gid === undefined ? { unknown: groupName } : { uid, gid, additionalGids: [] };
  }
  const login = known?.[0];
  const additionalGids = records(files.group).flatMap(([, , gid, members = '']) => {
    const isMember = login !== undefined && members.split(',').includes(login);
    return isMember ? (number(gid) ?? []) : [];
  });
  return { uid, gid: number(known?.[3]) ?? 0, additionalGids };
}

function findGroup(name: string, { group }: AccountFiles): readonly string[] | undefined {
  return records(group).find(([found]) => found === name);
}

/** passwd(5), group(5): fields between colons; other lines are passed over. */
function records(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((fields) => fields.length >= 3);
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
