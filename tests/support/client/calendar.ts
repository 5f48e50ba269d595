// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "./axdr.js";
import type { DlmsClient } from "./client.js";
import { asNumber, asOctets, data, ref } from "./data.js";
import { result } from "./services.js";

const { longUnsigned, octetString, structure, array, unsigned } = data;
const tariffTable = Uint8Array.of(0, 0, 10, 0, 100, 255);

/** The activity calendar of the tariffs. */
export const tariffCalendar = ref(20, "0-0:13.0.0.255");

/** A season that begins on a day of every year. */
export const season = (name: string, month: number, day: number, week: string): Data =>
	structure(
		octetString(name),
		octetString(Uint8Array.of(255, 255, month, day, 255, 0, 0, 0, 0, 128, 0, 255)),
		octetString(week),
	);
/** @param ids day of Monday, Tuesday … */
export const week = (name: string, ids: readonly number[]): Data =>
	structure(octetString(name), ...ids.map((id) => unsigned(id)));
/** @param points minute of the day and script of the tariff table */
export const day = (id: number, points: readonly (readonly [number, number])[]): Data =>
	structure(
		unsigned(id),
		array(
			...points.map(([minute, script]) =>
				structure(
					octetString(Uint8Array.of(Math.floor(minute / 60), minute % 60, 0, 0)),
					octetString(tariffTable),
					longUnsigned(script),
				),
			),
		),
	);
/** @param date five octets */
export const specialDay = (index: number, date: readonly number[], id: number): Data =>
	structure(longUnsigned(index), octetString(Uint8Array.from(date)), unsigned(id));

export const everyDay = (id: number): number[] => Array.from({ length: 7 }, () => id);

/** Writes the passive set. */
export async function programCalendar(client: DlmsClient, seasons: Data[], weeks: Data[], days: Data[]): Promise<void> {
	assert.equal(await client.set(tariffCalendar, 6, octetString("new")), result.success);
	assert.equal(await client.set(tariffCalendar, 7, array(...seasons)), result.success);
	assert.equal(await client.set(tariffCalendar, 8, array(...weeks)), result.success);
	assert.equal(await client.set(tariffCalendar, 9, array(...days), 1000), result.success);
}

/** Registers of the rates of a quantity, then its total. */
export async function rateEnergies(client: DlmsClient, c: number): Promise<number[]> {
	const values: number[] = [];
	for (const e of [1, 2, 3, 4, 5, 6, 7, 8, 0])
		values.push(asNumber(await client.read(ref(3, `1-0:${c}.8.${e}.255`), 2)));
	return values;
}

/** The tariff in force, of energy or of demand. */
export const activeTariff = async (client: DlmsClient, e = 0): Promise<string> =>
	Buffer.from(asOctets(await client.read(ref(1, `0-0:96.14.${e}.255`), 2))).toString("ascii");
