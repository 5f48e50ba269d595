// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../../tests/support/client/axdr.js";
import { data, elementsOf, encodeLogicalName, ref } from "../../tests/support/client/data.js";
import { accessBit } from "../../tests/support/client/object-list.js";
import type { Connect, Turn } from "./client-session.js";

const columnsOfProfile = 34;
const pushObjects = 32;
const specialDays = 31;
const scheduleEntries = 16;
const tariffScripts = 32;
const relayScripts = 16;
const masks = 32;
const users = 16;
const watchedParameters = 20;
const listItems = 16;
const days = 24;
const actionsOfDay = 16;

const always = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff);
const time = (minute: number): Data => data.octetString(Uint8Array.of(Math.floor(minute / 60), minute % 60, 0, 0));
const name = (text: string): Data => data.octetString(encodeLogicalName(text));
const times = (count: number, make: (n: number) => Data): Data[] => Array.from({ length: count }, (_, n) => make(n));
const column = (classId: number, logicalName: string, attribute: number): Data[] => [
	data.longUnsigned(classId),
	name(logicalName),
	data.integer(attribute),
	data.longUnsigned(0),
];
const captured = (classId: number, logicalName: string, attribute: number): Data =>
	data.structure(...column(classId, logicalName, attribute));

const clockColumn = captured(8, "0-0:1.0.0.255", 2);

/** The longest values that the meter takes, and the longest lists of changes: each of them changes what there was. */
export async function longWritingsVisit(connect: Connect, turn: Turn): Promise<void> {
	const client = connect(0);
	await client.associate();
	const objects = (await client.readObjectList()).filter(({ classId }) => classId === 3);
	const registers = objects.map(({ logicalName }) => logicalName);
	const thresholds = objects
		.filter(({ attributes }) => ((attributes.get(2) ?? 0) & accessBit.write) !== 0)
		.map(({ logicalName }) => logicalName);
	const own = (from: number, count: number): Data[] =>
		times(count, (n) => captured(3, registers[(from + n) % registers.length]!, 2));
	turn.isWriting = true;
	const set = async (classId: number, logicalName: string, attribute: number, value: Data): Promise<void> => {
		assert.equal(await client.set(ref(classId, logicalName), attribute, value), 0, `${logicalName} ${attribute}`);
	};
	for (const list of [0, 1, 2, 3])
		await set(7, `0-0:21.0.${list}.255`, 3, data.array(...own(20 * list, columnsOfProfile)));
	for (const [n, profile] of ["1-0:99.1.0.255", "1-0:99.2.0.255", "0-0:98.1.0.255"].entries())
		await set(7, profile, 3, data.array(clockColumn, ...own(10 * n, columnsOfProfile - 2)));
	const compact = (logicalName: string, classId = 3, attribute = 2): Data =>
		data.structure(...column(classId, logicalName, attribute), data.structure(data.enum(0), data.nullData()));
	const compacts = registers.slice(40, 40 + columnsOfProfile - 1).map((register) => compact(register));
	await set(62, "0-0:66.0.0.255", 3, data.array(compact("0-0:66.0.0.255", 62, 4), ...compacts));
	const pushed = (logicalName: string): Data =>
		data.structure(...column(3, logicalName, 2), data.structure(data.enum(0), data.nullData()), data.array());
	await set(40, "0-1:25.9.0.255", 2, data.array(...registers.slice(0, pushObjects).map(pushed)));

	const date = (n: number): Data => data.octetString(Uint8Array.of(0xff, 0xff, 1 + (n % 12), 1 + (n % 28), 0xff));
	const special = times(specialDays, (n) => data.structure(data.longUnsigned(n + 1), date(n), data.unsigned(1)));
	await set(11, "0-0:11.0.0.255", 2, data.array(...special));
	const switching = (n: number): Data =>
		data.structure(time(60 * n), name("0-0:10.0.100.255"), data.longUnsigned(1 + (n % 8)));
	const day = (n: number): Data => data.structure(data.unsigned(n + 1), data.array(...times(actionsOfDay, switching)));
	await set(20, "0-0:13.0.0.255", 9, data.array(...times(days, day)));
	const week = (n: number): Data =>
		data.structure(data.octetString(`week${n}`), ...times(7, (weekday) => data.unsigned(1 + ((n + weekday) % days))));
	await set(20, "0-0:13.0.0.255", 8, data.array(...times(8, week)));
	const entry = (n: number): Data =>
		data.structure(
			data.longUnsigned(n + 1),
			data.boolean(true),
			name("0-0:10.0.100.255"),
			data.longUnsigned(1 + (n % 8)),
			time(90 * n),
			data.longUnsigned(0xffff),
			data.bitString("1111111"),
			data.bitString(""),
			data.octetString(always),
			data.octetString(always),
		);
	await set(10, "0-0:12.0.0.255", 2, data.array(...times(scheduleEntries, entry)));

	const mask = (group: string, n: number): Data =>
		data.structure(
			data.enum(1),
			data.longUnsigned(6),
			name(group),
			data.integer(4),
			data.octetString(`${1 + (n % 8)}`),
		);
	const tariffScript = (n: number): Data =>
		data.structure(data.longUnsigned(n + 1), data.array(mask("0-0:14.0.1.255", n), mask("0-0:14.0.2.255", n)));
	await set(9, "0-0:10.0.100.255", 2, data.array(...times(tariffScripts, tariffScript)));
	const relay = (n: number): Data =>
		data.structure(
			data.enum(2),
			data.longUnsigned(70),
			name("0-1:96.3.10.255"),
			data.integer(1 + (n % 2)),
			data.integer(0),
		);
	const relayScript = (n: number): Data =>
		data.structure(data.longUnsigned(n + 1), data.array(relay(n), relay(n + 1), relay(n)));
	await set(9, "0-0:10.0.103.255", 2, data.array(...times(relayScripts, relayScript)));

	for (const group of ["0-0:14.0.1.255", "0-0:14.0.2.255"]) {
		const activation = ref(6, group);
		const present = elementsOf(await client.read(activation, 3));
		const more = times(masks - 1 - present.length, (n) =>
			data.structure(data.octetString(`mask${n}`), elementsOf(present[n % present.length]!)[1]!),
		);
		await set(6, group, 3, data.array(...present, ...more));
		const last = data.structure(data.octetString("last"), elementsOf(present[0]!)[1]!);
		assert.equal((await client.action(activation, 2, last)).result, 0);
		assert.equal((await client.action(activation, 3, data.octetString("last"))).result, 0);
		const assigned = elementsOf(await client.read(activation, 2));
		// each mask has the registers of another rate then
		await set(6, group, 2, data.array(...[...assigned].reverse()));
	}

	const named = (prefix: string, n: number): Data =>
		data.structure(data.unsigned(n), data.visibleString(`${prefix}${n}`));
	await set(15, "0-0:40.0.4.255", 10, data.array(...times(users, (n) => named("user number ", n))));
	const monitor = ref(65, "0-0:16.2.0.255");
	const watched = elementsOf(await client.read(monitor, 4));
	const more = thresholds
		.slice(0, watchedParameters - watched.length)
		.map((threshold) => data.structure(data.longUnsigned(3), name(threshold), data.integer(2)));
	assert.ok(more.length > 0);
	await set(65, monitor.logicalName, 4, data.array(...watched, ...more));
	const functions = elementsOf(await client.read(ref(122, "0-0:44.1.0.255"), 3));
	await set(122, "0-0:44.1.0.255", 3, data.array(...[...functions].reverse()));

	const texts = times(listItems, (n) => data.octetString(`text ${n}`));
	const targets = Array.from({ length: listItems }, () => ({ ref: ref(1, "0-0:96.1.1.255"), attribute: 2 }));
	assert.deepEqual(await client.setMany(targets, texts), new Array(listItems).fill(0));
	const captures = Array.from({ length: listItems }, () => ({ ref: ref(7, "1-0:99.1.0.255"), method: 2 }));
	const results = await client.actionMany(
		captures,
		times(listItems, () => data.integer(0)),
	);
	assert.deepEqual(
		results.map(({ result }) => result),
		new Array(listItems).fill(0),
	);
	turn.isWriting = false;
	await client.release();
}
