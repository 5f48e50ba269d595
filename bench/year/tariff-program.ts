// SPDX-License-Identifier: Apache-2.0
import type { Data } from "../../tests/support/client/axdr.js";
import type { DlmsClient } from "../../tests/support/client/client.js";
import { data, encodeLogicalName, ref } from "../../tests/support/client/data.js";
import { result } from "../../tests/support/client/services.js";

/** Rates that the calendar uses. */
export const rates = 4;

/** Minute of the day and rate from there on. */
type Day = readonly (readonly [minute: number, rate: number])[];

interface Season {
	readonly name: string;
	/** First day. */
	readonly month: number;
	readonly day: number;
	readonly workday: number;
	readonly weekend: number;
}

/** Switch points lie on quarters of an hour, so that each row of load profile 1 belongs to one rate. */
const days: Readonly<Record<number, Day>> = {
	1: [
		[0, 1],
		[360, 2],
		[1020, 3],
		[1260, 1],
	],
	2: [
		[0, 1],
		[480, 2],
		[1320, 1],
	],
	3: [
		[0, 1],
		[420, 4],
		[660, 2],
		[1215, 1],
	],
	4: [[0, 4]],
};
const seasons: readonly Season[] = [
	{ name: "winter", month: 10, day: 1, workday: 1, weekend: 2 },
	{ name: "summer", month: 4, day: 1, workday: 3, weekend: 2 },
];
const holidays: readonly (readonly [month: number, day: number])[] = [
	[1, 1],
	[5, 1],
	[10, 3],
	[12, 25],
	[12, 26],
];
const holiday = 4;

const calendar = ref(20, "0-0:13.0.0.255");
const specialDays = ref(11, "0-0:11.0.0.255");
const scriptTable = encodeLogicalName("0-0:10.0.100.255");
const { array, integer, longUnsigned, octetString, structure, unsigned } = data;

function seasonData({ name, month, day }: Season): Data {
	const start = Uint8Array.of(255, 255, month, day, 255, 0, 0, 0, 0, 128, 0, 255);
	return structure(octetString(name), octetString(start), octetString(`w${name}`));
}

function weekData({ name, workday, weekend }: Season): Data {
	const ids = [workday, workday, workday, workday, workday, weekend, weekend];
	return structure(octetString(`w${name}`), ...ids.map((id) => unsigned(id)));
}

function dayData(id: number, points: Day): Data {
	const entries = points.map(([minute, rate]) =>
		structure(
			octetString(Uint8Array.of(Math.floor(minute / 60), minute % 60, 0, 0)),
			octetString(scriptTable),
			longUnsigned(rate),
		),
	);
	return structure(unsigned(id), array(...entries));
}

/** Writes the calendar and puts it in force. @throws Error when the meter refuses any of it */
export async function programTariffs(client: DlmsClient): Promise<void> {
	const written = [
		await client.set(calendar, 6, octetString("year")),
		await client.set(calendar, 7, array(...seasons.map(seasonData))),
		await client.set(calendar, 8, array(...seasons.map(weekData))),
		await client.set(calendar, 9, array(...Object.entries(days).map(([id, points]) => dayData(Number(id), points)))),
		await client.set(
			specialDays,
			2,
			array(
				...holidays.map(([month, day], n) =>
					structure(longUnsigned(n + 1), octetString(Uint8Array.of(255, 255, month, day, 255)), unsigned(holiday)),
				),
			),
		),
		(await client.action(calendar, 1, integer(0))).result,
	];
	if (written.some((answer) => answer !== result.success)) throw new Error(`calendar refused: ${written}`);
}

/** The rate at a local time, evaluated apart from the meter. @param local_ms local time as if it were UTC, since 1970 */
export function rateAt(local_ms: number): number {
	const local = new Date(local_ms);
	const month = local.getUTCMonth() + 1;
	const day = local.getUTCDate();
	const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
	const isHoliday = holidays.some(([m, d]) => m === month && d === day);
	const { workday, weekend } = month >= 4 && month < 10 ? seasons[1]! : seasons[0]!;
	const isWeekend = local.getUTCDay() === 0 || local.getUTCDay() === 6;
	let rate = 0;
	for (const [from, next] of days[isHoliday ? holiday : isWeekend ? weekend : workday]!)
		if (minute >= from) rate = next;
	return rate;
}
