import { type Ask, CloudStatusError } from '../cloud-client.ts';
import { type Cloud, textOf } from './cloud.ts';
import { askEc2 } from './ec2.ts';

/** Instance metadata of Amazon EC2, version 2, which asks for a token first; version 1 where there is none. */
export const aws: Cloud = async (ask) => {
  const token = await askForToken(ask);
  const askWith: Ask = (question) =>
    ask(
      token === undefined
        ? question
        : { ...question, headers: { 'X-aws-ec2-metadata-token': token } },
    );
  return {
    provider: 'AWS',
    ...(await askEc2(askWith)),
    userdata: await askWith({ path: '/latest/user-data' }),
  };
};

async function askForToken(ask: Ask): Promise<string | undefined> {
  const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '300' };
  try {
    return textOf(await ask({ method: 'PUT', path: '/latest/api/token', headers }));
  } catch (error) {
    // What speaks version 1 only refuses the method.
    if (error instanceof CloudStatusError && error.status < 500) return undefined;
    throw error;
  }
}
