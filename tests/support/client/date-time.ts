// SPDX-License-Identifier: Apache-2.0
import { bigEndian, concat, DecodeError } from "./bytes.js";

/** The 12 octets of a COSEM date-time (Blue Book 4.1.6.1). Null = not specified. */
export interface DateTime {
	readonly year: number | null;
	readonly month: number;
	readonly day: number;
	readonly weekday: number;
	readonly hour: number | null;
	readonly minute: number | null;
	readonly second: number | null;
	readonly hundredths: number | null;
	/** Minutes from local time to UTC: -60 in the winter of central Europe. */
	readonly deviation: number | null;
	/** Clock status bits, 255 = not specified. */
	readonly status: number;
}

const anyYear = 0xffff;
const any = 0xff;
const anyDeviation = -0x8000;

export function decodeDateTime(bytes: Uint8Array): DateTime {
	if (bytes.length !== 12) throw new DecodeError(`date-time of ${bytes.length} octets`, 0);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const octet = (at: number) => (bytes[at] === any ? null : bytes[at]!);
	const year = view.getUint16(0);
	const deviation = view.getInt16(9);
	return {
		year: year === anyYear ? null : year,
		month: bytes[2]!,
		day: bytes[3]!,
		weekday: bytes[4]!,
		hour: octet(5),
		minute: octet(6),
		second: octet(7),
		hundredths: octet(8),
		deviation: deviation === anyDeviation ? null : deviation,
		status: bytes[11]!,
	};
}

export function encodeDateTime(value: DateTime): Uint8Array {
	const { deviation } = value;
	return concat(
		bigEndian(value.year ?? anyYear, 2),
		value.month,
		value.day,
		value.weekday,
		value.hour ?? any,
		value.minute ?? any,
		value.second ?? any,
		value.hundredths ?? any,
		bigEndian(deviation === null ? 0x8000 : deviation & 0xffff, 2),
		value.status,
	);
}

/**
 * The instant in milliseconds since 1970.
 * @throws DecodeError when a field or the deviation is not specified
 */
export function toUnix_ms(value: DateTime): number {
	const { year, hour, minute, second, deviation } = value;
	if (year === null || hour === null || minute === null || second === null || deviation === null) {
		throw new DecodeError("date-time is not complete", 0);
	}
	const hundredths = value.hundredths ?? 0;
	return Date.UTC(year, value.month - 1, value.day, hour, minute + deviation, second, hundredths * 10);
}

/** An instant as the clock of a meter shows it: UTC minus `deviation` minutes. */
export function fromUnix_ms(unix_ms: number, deviation: number, status: number): DateTime {
	const local = new Date(unix_ms - deviation * 60_000);
	return {
		year: local.getUTCFullYear(),
		month: local.getUTCMonth() + 1,
		day: local.getUTCDate(),
		weekday: local.getUTCDay() === 0 ? 7 : local.getUTCDay(),
		hour: local.getUTCHours(),
		minute: local.getUTCMinutes(),
		second: local.getUTCSeconds(),
		hundredths: Math.floor(local.getUTCMilliseconds() / 10),
		deviation,
		status,
	};
}
