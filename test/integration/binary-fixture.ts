// The program that binary.test.ts packs. `probe`: prints as JSON what the API says at some seventy points
// where Unicode or locale data is behind it. `idle`: says "idle" and stays.

import { transcode } from 'node:buffer';
import { writeSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { domainToASCII, domainToUnicode } from 'node:url';
import { inspect, TextDecoder } from 'node:util';
import v8 from 'node:v8';

const WHEN = new Date(Date.UTC(2024, 1, 29, 13, 5, 9));

/** Must be the same with and without the languages cut out. */
const ENGLISH: Record<string, () => unknown> = {
  nfc: () => 'e\u0301'.normalize('NFC'),
  nfd: () => '\u00e9\ud55c'.normalize('NFD').length,
  nfkc: () => '\ufb01\u2460'.normalize('NFKC'),
  nfkd: () => '\ufb01\u212b'.normalize('NFKD'),
  upper: () => 'stra\u00dfe \u01c6'.toUpperCase(),
  lower: () => '\u0130I'.toLowerCase(),
  turkish: () => 'i\u0131'.toLocaleUpperCase('tr'),
  numbers: () => (1234567.891).toLocaleString(),
  numbersEn: () => (1234567.891).toLocaleString('en-US', { maximumFractionDigits: 1 }),
  bigint: () => 12345678901234567890n.toLocaleString('en'),
  currency: () => new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(3.5),
  currencyName: () =>
    new Intl.NumberFormat('en', {
      style: 'currency',
      currency: 'JPY',
      currencyDisplay: 'name',
    }).format(2),
  percent: () => new Intl.NumberFormat('en', { style: 'percent' }).format(0.25),
  unit: () => new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte' }).format(12),
  unitPer: () =>
    new Intl.NumberFormat('en', {
      style: 'unit',
      unit: 'kilobyte-per-second',
      unitDisplay: 'long',
    }).format(2),
  scientific: () => new Intl.NumberFormat('en', { notation: 'scientific' }).format(123456),
  numberRange: () => new Intl.NumberFormat('en').formatRange(3, 5),
  thaiDigits: () => new Intl.NumberFormat('en', { numberingSystem: 'thai' }).format(12),
  compact: () => new Intl.NumberFormat('en', { notation: 'compact' }).format(123456),
  date: () => WHEN.toLocaleString('en', { timeZone: 'UTC' }),
  dateFull: () =>
    WHEN.toLocaleString('en', { dateStyle: 'full', timeStyle: 'long', timeZone: 'UTC' }),
  zoneSummer: () =>
    new Date(Date.UTC(2024, 6, 1)).toLocaleString('en', { timeZone: 'Europe/Berlin' }),
  zoneName: () => WHEN.toLocaleString('en', { timeZone: 'Asia/Tokyo', timeZoneName: 'long' }),
  zoneHalfHour: () => WHEN.toLocaleTimeString('en', { timeZone: 'Asia/Kolkata' }),
  zoneShort: () =>
    WHEN.toLocaleString('en', { timeZone: 'America/New_York', timeZoneName: 'short' }),
  zoneGeneric: () =>
    WHEN.toLocaleString('en', { timeZone: 'Europe/Paris', timeZoneName: 'longGeneric' }),
  zoneOffset: () =>
    WHEN.toLocaleString('en', { timeZone: 'Asia/Kathmandu', timeZoneName: 'longOffset' }),
  dateRange: () =>
    new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).formatRange(0, WHEN),
  dayPeriod: () => WHEN.toLocaleTimeString('en', { dayPeriod: 'long', timeZone: 'UTC' }),
  era: () => WHEN.toLocaleDateString('en-u-ca-japanese', { era: 'long', timeZone: 'UTC' }),
  posix: () => (1234.5).toLocaleString('en-US-u-va-posix'),
  dateString: () => WHEN.toString(),
  iso: () => WHEN.toISOString(),
  parse: () => Date.parse('Thu, 29 Feb 2024 13:05:09 GMT'),
  resolved: () => Intl.DateTimeFormat().resolvedOptions().locale,
  ownZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  zones: () => Intl.supportedValuesOf('timeZone').length,
  currencies: () => Intl.supportedValuesOf('currency').length,
  relative: () => new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-1, 'day'),
  list: () => new Intl.ListFormat('en').format(['a', 'b', 'c']),
  plural: () => [1, 2, 3].map((n) => new Intl.PluralRules('en', { type: 'ordinal' }).select(n)),
  displayNames: () => new Intl.DisplayNames('en', { type: 'region' }).of('DE'),
  language: () => new Intl.DisplayNames('en', { type: 'language' }).of('fr-CH'),
  namesOfOthers: () =>
    (
      [
        ['currency', 'USD'],
        ['script', 'Latn'],
        ['calendar', 'gregory'],
        ['dateTimeField', 'month'],
      ] as const
    ).map(([type, code]) => new Intl.DisplayNames('en', { type }).of(code)),
  duration: () =>
    new Intl.DurationFormat('en', { style: 'short' }).format({ hours: 1, minutes: 2 }),
  collate: () => ['b', '\u00e4', 'a', 'Z', 'z'].sort(new Intl.Collator('en').compare),
  collateNumeric: () => 'a10'.localeCompare('a9', 'en', { numeric: true }),
  words: () =>
    [...new Intl.Segmenter('en', { granularity: 'word' }).segment('It is, well.')].map(
      (s) => s.segment,
    ),
  sentences: () =>
    [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment('Mr. A went. He is.')].length,
  // Would be V8's only way to the rules of line breaking, and end the process when they are missing.
  lineBreaking: () => 'v8BreakIterator' in Intl,
  graphemes: () =>
    [...new Intl.Segmenter('en').segment('\ud83d\udc68\u200d\ud83d\udc69a\u0301')].length,
  canonical: () => Intl.getCanonicalLocales('iw-latn-il'),
  maximize: () => new Intl.Locale('zh-TW').maximize().toString(),
  regexLetters: () => 'a\u00e9\u4e2d1'.match(/\p{L}/gu)?.length,
  regexScript: () => /^\p{Script=Greek}+$/u.test('\u03b1\u03b2'),
  regexEmoji: () => /^\p{RGI_Emoji}$/v.test('\ud83d\udc4d\ud83c\udffd'),
  regexFold: () => /\u017f/iu.test('S'),
  regexNfkc: () => /\p{Changes_When_NFKC_Casefolded}/u.test('A\ufb01'),
  width: () => inspect(['\u4e2d', 'a', 'bb', '\ud83d\ude00', 'c', 'd', 'e', 'f', 'g']),
  url: () => new URL('http://m\u00fcnchen.DE:80/\u00e4?q=\u00fc#f').href,
  urlRefused: () => URL.canParse('http://a\u0000b/'),
  toAscii: () => domainToASCII('espa\u00f1ol.com'),
  toUnicode: () => domainToUnicode('xn--fiq228c.com'),
  utf8: () => new TextDecoder().decode(Buffer.from('\u00e9\u4e2d\ud83d\ude00')),
  utf8Fatal: () =>
    thrown(() => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from([0xff]))),
  utf16: () => new TextDecoder('utf-16le').decode(Buffer.from('\u00e9\u4e2d', 'utf16le')),
  utf16be: () => new TextDecoder('utf-16be').decode(Buffer.from([0x4e, 0x2d])),
  labels: () =>
    ['ascii', 'l1', 'iso-8859-1', 'unicode-1-1-utf-8', 'ucs-2'].map(
      (label) => new TextDecoder(label).encoding,
    ),
  transcoded: () => transcode(Buffer.from('\u00e9\u20ac'), 'utf8', 'latin1').toString('hex'),
  transcodedWide: () => transcode(Buffer.from('\u00e9\u20ac'), 'utf8', 'ucs2').toString('hex'),
  transcodedAscii: () => transcode(Buffer.from('\u00e9e'), 'latin1', 'ascii').toString('hex'),
  latin1: () => new TextDecoder('windows-1252').decode(Buffer.from([0x80, 0xe9])),
};

/** Needs another language: may differ, must not throw anything but a RangeError, let alone end the process. */
const FOREIGN: Record<string, () => unknown> = {
  supported: () => Intl.DateTimeFormat.supportedLocalesOf(['de', 'ja', 'ar-EG']),
  german: () => (1234.5).toLocaleString('de'),
  arabic: () => (1234.5).toLocaleString('ar-EG'),
  japaneseDate: () => WHEN.toLocaleDateString('ja', { timeZone: 'UTC', dateStyle: 'full' }),
  buddhist: () => WHEN.toLocaleDateString('th-TH-u-ca-buddhist', { timeZone: 'UTC' }),
  chineseCalendar: () => WHEN.toLocaleDateString('en-u-ca-chinese', { timeZone: 'UTC' }),
  swedishOrder: () => ['\u00e4', 'z', 'a'].sort(new Intl.Collator('sv').compare),
  thaiWords: () =>
    [...new Intl.Segmenter('th', { granularity: 'word' }).segment('\u0e01\u0e32\u0e23')].length,
  chineseWords: () =>
    [...new Intl.Segmenter('zh', { granularity: 'word' }).segment('\u4f60\u597d')].length,
  greekSentences: () =>
    [...new Intl.Segmenter('el', { granularity: 'sentence' }).segment('\u03b1; \u03b2.')].length,
  turkishTitle: () => 'i\u0307x'.toLocaleUpperCase('lt'),
  hebrewDate: () => WHEN.toLocaleDateString('he-u-ca-hebrew-nu-hebr', { timeZone: 'UTC' }),
  windowsZone: () => WHEN.toLocaleString('en', { timeZone: 'W. Europe Standard Time' }),
  polishPlural: () => new Intl.PluralRules('pl').select(5),
  names: () => new Intl.DisplayNames('fr', { type: 'region' }).of('DE'),
  shiftJis: () => new TextDecoder('shift_jis').decode(Buffer.from([0x82, 0xa0])),
  latin2: () => new TextDecoder('iso-8859-2').decode(Buffer.from([0xb1])),
  cyrillic: () => new TextDecoder('koi8-r').decode(Buffer.from([0xc1])),
  big5: () => new TextDecoder('big5').decode(Buffer.from([0xa4, 0x40])),
  eucKr: () => new TextDecoder('euc-kr').decode(Buffer.from([0xb0, 0xa1])),
  gb18030: () => new TextDecoder('gb18030').decode(Buffer.from([0xc4, 0xe3])),
  iso2022: () => new TextDecoder('iso-2022-jp').decode(Buffer.from('a')),
  gbk: () => new TextDecoder('gbk').decode(Buffer.from([0xc4, 0xe3])),
  badLocale: () => (1).toLocaleString('x_y'),
};

function thrown(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? `${error.name}!` : error;
  }
}

function answers(questions: Record<string, () => unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(questions).map(([name, ask]) => [name, thrown(ask)]));
}

if (process.argv[2] === 'probe') {
  const facts = {
    english: answers(ENGLISH),
    foreign: answers(FOREIGN),
    typescript: thrown(() => stripTypeScriptTypes('let whale: string')),
    execArgv: process.execArgv,
    heapLimitMiB: v8.getHeapStatistics().heap_size_limit / 2 ** 20,
    stack: new Error('where').stack,
  };
  writeSync(1, JSON.stringify(facts));
} else {
  setInterval(() => undefined, 60_000);
  writeSync(1, 'idle\n');
}
