// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { usualRelay } from "../../src/io/relay-order.js";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ClientName, ModelName } from "../support/specified-meter.js";

const control = ref(122, "0-0:44.1.0.255");
const scripts = ref(9, "0-0:10.0.111.255");
const schedule = ref(22, "0-0:15.0.7.255");
const mainSwitch = ref(70, "0-0:96.3.10.255");
const limiter = ref(71, "0-0:17.0.0.255");
const thd = ref(3, "1-0:32.7.124.255");
const changeCount = ref(1, "0-0:96.2.0.255");
const setStatus = 1;
const addFunction = 2;
const removeFunction = 3;

const names: Readonly<Record<ModelName, readonly string[]>> = {
	SM402D: ["disconnector", "limiter", "inputs-outputs", "power-quality"],
	ST402D: ["disconnector", "limiter", "inputs-outputs", "power-quality"],
	ST402C: ["limiter", "inputs-outputs", "power-quality"],
};

const text = (value: Data) => Buffer.from(asOctets(value)).toString();
const ascii = (name: string) => data.octetString(Buffer.from(name));
const octetsOf = (name: string) => Uint8Array.from(name.match(/\d+/g)!.map(Number));
const objectsOf = (...objects: readonly (readonly [number, string])[]) =>
	data.array(
		...objects.map(([classId, name]) => data.structure(data.longUnsigned(classId), data.octetString(octetsOf(name)))),
	);
const status = (...functions: readonly (readonly [string, boolean])[]) =>
	data.array(...functions.map(([name, isOn]) => data.structure(ascii(name), data.boolean(isOn))));
const made = (name: string, ...objects: readonly (readonly [number, string])[]) =>
	data.structure(ascii(name), objectsOf(...objects));

describe("function control, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	async function start(
		model: ModelName = "ST402D",
		options: Parameters<typeof RunningMeter.start>[1] = {},
	): Promise<void> {
		const clock_s = since2000_s("2026-03-10T10:00:00Z");
		meter = await RunningMeter.start(model, { clock_s, speed: 0, seed: 7, ...options });
		for (const phase of [1, 2, 3] as const) meter.simulator.simulated.household?.setActive(phase, false);
		step(3);
	}

	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const management = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);
	const act = (method: number, parameter: Data, client: ClientName = "management") =>
		meter.with(client, async (opened) => (await opened.action(control, method, parameter)).result);
	const turn = (name: string, isOn: boolean) => act(setStatus, status([name, isOn]));
	const listed = (client: ClientName = "management") =>
		meter.with(client, async (opened) => (await opened.readObjectList()).map(({ logicalName }) => logicalName));
	const statuses = async () =>
		elementsOf(await management((client) => client.read(control, 2))).map((element) => {
			const [name, isOn] = elementsOf(element);
			return [text(name!), isOn!.value];
		});
	const functions = async (): Promise<
		{ name: string; objects: (readonly [number, `${number}-${number}:${string}`])[] }[]
	> =>
		elementsOf(await management((client) => client.read(control, 3))).map((element) => {
			const [name, objects] = elementsOf(element);
			return {
				name: text(name!),
				objects: elementsOf(objects!).map((object) => {
					const [classId, logicalName] = elementsOf(object);
					const [a = 0, b = 0, ...rest] = asOctets(logicalName!);
					return [asNumber(classId!), `${a}-${b}:${rest.join(".")}` as const] as const;
				}),
			};
		});
	const readResult = (object: typeof control, attribute: number, client: ClientName = "management") =>
		meter.with(client, async (opened) => (await opened.get(object, attribute)).result);
	const isClosed = () => meter.simulator.simulated.supplySwitch!.closedPoles() === 7;
	const load = (power_W: number) => {
		const { grid } = meter;
		for (const phase of [1, 2, 3] as const)
			grid.setPhase(phase, { voltage_V: 230, current_A: power_W / 690, angle_deg: 0 });
	};
	const restart = () => {
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.runTo(simulated.monotonic_ms() + 5000);
		simulated.restorePower();
		step(3);
	};

	for (const model of ["SM402D", "ST402D", "ST402C"] as const) {
		it(`F01: ${model} has its ordered features as functions, all on, each with the objects that are there for it`, async () => {
			await start(model);
			assert.deepEqual(
				await statuses(),
				names[model].map((name) => [name, true]),
			);
			const list = await functions();
			assert.deepEqual(
				list.map(({ name }) => name),
				names[model],
			);
			const objects = await management((client) => client.readObjectList());
			for (const { objects: own } of list) {
				assert.ok(own.length > 0);
				for (const [classId, name] of own)
					assert.equal(objects.find(({ logicalName }) => logicalName === name)?.classId, classId, name);
			}
		});
	}

	it("F01: what is off is as if it had not been ordered: for every client, in the object list and by name", async () => {
		await start();
		const before = { management: await listed(), reader: await listed("reader") };
		const own = new Set<string>((await functions())[3]!.objects.map(([, name]) => name));
		assert.equal(await turn("power-quality", false), result.success);
		for (const client of ["management", "reader"] as const) {
			const after = await listed(client);
			assert.deepEqual(
				after,
				before[client].filter((name) => !own.has(name)),
			);
			assert.equal(await readResult(thd, 2, client), result.objectUndefined);
		}
		assert.deepEqual((await statuses())[3], ["power-quality", false]);
		assert.equal((await functions())[3]!.objects.length, own.size, "the list tells what would be there");
		restart();
		assert.equal(await readResult(thd, 2), result.objectUndefined, "it stays off without power");
		assert.equal(await turn("power-quality", true), result.success);
		assert.deepEqual(await listed(), before.management);
		assert.equal(await readResult(thd, 2), result.success);
	});

	it("what two features have is there while one of them is on", async () => {
		await start();
		const log = "0-0:99.98.2.255";
		assert.equal(await turn("disconnector", false), result.success);
		assert.ok((await listed()).includes(log));
		assert.equal(await turn("limiter", false), result.success);
		assert.ok(!(await listed()).includes(log));
		assert.equal(await act(setStatus, status(["disconnector", true], ["limiter", true])), result.success);
		assert.ok((await listed()).includes(log));
	});

	it("G10: without the disconnector nobody opens the switch, and with it everybody may as before", async () => {
		await start();
		const disconnect = () =>
			management(async (client) => (await client.action(ref(9, "0-0:10.0.106.255"), 1, data.longUnsigned(1))).result);
		assert.equal(await turn("disconnector", false), result.success);
		assert.equal(await disconnect(), result.objectUndefined);
		assert.equal(
			await management(async (client) => (await client.action(mainSwitch, 1, data.integer(0))).result),
			result.objectUndefined,
		);
		const group = ref(9, "0-0:10.0.125.255");
		const ids = async () =>
			elementsOf(await management((client) => client.read(group, 2))).map((script) => asNumber(elementsOf(script)[0]!));
		assert.ok(!(await ids()).includes(1), "a script on it is none");
		step(5);
		assert.ok(isClosed());
		assert.equal(await turn("disconnector", true), result.success);
		assert.ok((await ids()).includes(1));
		assert.equal(await disconnect(), result.success);
		step(5);
		assert.ok(!isClosed());
	});

	/** A schedule that executes a script of a table at 11:05 on the wall. */
	const plan = (name: string, table: string, id: number) =>
		management(async (client) => {
			const script = data.structure(data.octetString(octetsOf(table)), data.longUnsigned(id));
			assert.equal(await client.set(ref(22, name), 2, script), result.success);
			const time = data.octetString(Uint8Array.of(11, 5, 0, 0));
			const date = data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
			assert.equal(await client.set(ref(22, name), 4, data.array(data.structure(time, date))), result.success);
		});

	for (const isCut of [false, true])
		it(`F89: an order that waits for the switch is dropped when the switch is taken away${isCut ? ", over a power cut too" : ""}`, async () => {
			await start();
			const relay = meter.simulator.simulated.supplySwitch!;
			assert.equal(
				await management(async (client) => (await client.action(mainSwitch, 1, data.integer(0))).result),
				result.success,
			);
			await plan("0-0:15.0.1.255", "0-0:10.0.106.255", 2);
			step(30);
			relay.setPole(1, { isBackFed: true });
			step(400);
			assert.ok(!isClosed(), "it waits");
			assert.equal(await turn("disconnector", false), result.success);
			if (isCut) restart();
			relay.setPole(1, { isBackFed: false });
			step(60);
			assert.ok(!isClosed(), "it stays as it is");
			assert.equal(await turn("disconnector", true), result.success);
			step(60);
			assert.ok(!isClosed(), "nobody has asked for it since");
			const state = await management(async (client) => asNumber(await client.read(mainSwitch, 3)));
			assert.equal(state, 0);
		});

	it("F67: an order that waits for a relay is dropped when the relay is taken away; that of another relay is done", async () => {
		const slow = { ...usualRelay, minimumOn_s: 255 };
		await start("ST402D", { relays: [slow, slow] });
		const closed = () => meter.simulator.simulated.io!.state().relays.map((relay) => relay.isClosed);
		const act70 = (n: number, method: number) =>
			management(
				async (client) => (await client.action(ref(70, `0-${n}:96.3.10.255`), method, data.integer(0))).result,
			);
		for (const method of [1, 2])
			for (const n of [1, 2]) {
				assert.equal(await act70(n, method), result.success);
				if (n === 2) step(60);
			}
		await plan("0-0:15.0.3.255", "0-0:10.0.103.255", 1);
		await plan("0-0:15.0.1.255", "0-0:10.0.103.255", 3);
		step(182);
		assert.deepEqual(closed().slice(0, 2), [true, true], "both have to rest");
		assert.equal(await act(addFunction, made("first", [70, "0-1:96.3.10.255"])), result.success);
		assert.equal(await turn("first", false), result.success);
		step(300);
		assert.deepEqual(closed().slice(0, 2), [true, false]);
		assert.equal(await turn("first", true), result.success);
		step(60);
		assert.deepEqual(closed().slice(0, 2), [true, false]);
		assert.equal(await act70(1, 1), result.success);
		step(3);
		assert.deepEqual(closed().slice(0, 2), [false, false]);
	});

	it("F90: the button moves neither switch nor relay that is taken away", async () => {
		await start();
		const relayControl = ref(70, "0-1:96.3.10.255");
		const relayClosed = () => meter.simulator.simulated.io!.state().relays[0]!.isClosed;
		for (const object of [mainSwitch, relayControl])
			assert.equal(await management((client) => client.set(object, 4, data.enum(1))), result.success);
		const press = () => {
			const { housing } = meter.simulator.simulated;
			housing.set({ serviceButton: true });
			step(3);
			housing.set({ serviceButton: false });
			step(20);
		};
		for (const name of ["disconnector", "inputs-outputs"]) assert.equal(await turn(name, false), result.success);
		press();
		assert.deepEqual([isClosed(), relayClosed()], [true, true]);
		for (const name of ["disconnector", "inputs-outputs"]) assert.equal(await turn(name, true), result.success);
		step(20);
		assert.deepEqual([isClosed(), relayClosed()], [true, true], "the press is over");
		press();
		assert.deepEqual([isClosed(), relayClosed()], [false, false]);
	});

	it("F134: without the limiter no excess opens the switch", async () => {
		await start();
		load(4000);
		await management(async (client) => {
			const power = data.structure(
				data.longUnsigned(3),
				data.octetString(Uint8Array.of(1, 0, 1, 7, 0, 255)),
				data.integer(2),
			);
			assert.equal(await client.set(limiter, 2, power), result.success);
			assert.equal(await client.set(limiter, 4, data.doubleLongUnsigned(3000)), result.success);
			assert.equal(await client.set(limiter, 6, data.doubleLongUnsigned(10)), result.success);
		});
		assert.equal(await turn("limiter", false), result.success);
		step(60);
		assert.ok(isClosed());
		assert.equal(await turn("limiter", true), result.success);
		step(8);
		assert.ok(isClosed(), "the time of tolerance begins again");
		step(10);
		assert.ok(!isClosed());
	});

	it("the scripts 2k - 1 and 2k switch function k off and on, by a client and by the schedule", async () => {
		await start();
		const ids = elementsOf(await management((client) => client.read(scripts, 2))).map((script) =>
			asNumber(elementsOf(script)[0]!),
		);
		assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
		const execute = (id: number) =>
			management(async (client) => (await client.action(scripts, 1, data.longUnsigned(id))).result);
		assert.equal(await execute(7), result.success);
		assert.deepEqual((await statuses())[3], ["power-quality", false]);
		assert.equal(await execute(9), result.otherReason);
		await management(async (client) => {
			const script = data.structure(data.octetString(octetsOf("0-0:10.0.111.255")), data.longUnsigned(8));
			assert.equal(await client.set(schedule, 2, script), result.success);
			const time = data.octetString(Uint8Array.of(11, 30, 0, 0));
			const date = data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
			assert.equal(await client.set(schedule, 4, data.array(data.structure(time, date))), result.success);
		});
		step(1700);
		assert.deepEqual((await statuses())[3], ["power-quality", false]);
		step(110);
		assert.deepEqual((await statuses())[3], ["power-quality", true]);
	});

	it("a schedule that was off runs again when it is due after its function is on", async () => {
		await start();
		const outputs = ref(22, "0-0:15.0.3.255");
		const closed = () => meter.simulator.simulated.io!.state().relays[0]!.isClosed;
		await management(async (client) => {
			const script = data.structure(data.octetString(octetsOf("0-0:10.0.103.255")), data.longUnsigned(1));
			assert.equal(await client.set(outputs, 2, script), result.success);
			const time = data.octetString(Uint8Array.of(11, 30, 0, 0));
			const date = data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
			assert.equal(await client.set(outputs, 4, data.array(data.structure(time, date))), result.success);
		});
		assert.equal(await turn("inputs-outputs", false), result.success);
		step(1900);
		assert.ok(closed(), "it was off when it was due");
		assert.equal(await turn("inputs-outputs", true), result.success);
		step(86_400);
		assert.ok(!closed(), "the day after");
	});

	it("a client's function names objects of features; it can be added, switched and removed", async () => {
		await start();
		const harmonics = made("harmonics", [3, "1-0:32.7.124.255"], [3, "1-0:31.7.124.255"]);
		const before = await listed();
		assert.equal(await act(addFunction, harmonics), result.success);
		assert.deepEqual((await statuses()).at(-1), ["harmonics", true]);
		assert.equal(await act(addFunction, harmonics), result.otherReason, "its name is taken");
		assert.equal(await turn("harmonics", false), result.success);
		const left = before.filter((name) => name !== "1-0:32.7.124.255" && name !== "1-0:31.7.124.255");
		assert.deepEqual(await listed(), left);
		restart();
		assert.deepEqual(await listed(), left);
		assert.equal(await act(removeFunction, harmonics), result.success);
		assert.deepEqual(await listed(), before);
		assert.equal(await act(removeFunction, ascii("harmonics")), result.otherReason, "it is gone");
		assert.equal(await act(removeFunction, ascii("limiter")), result.success);
		assert.deepEqual(
			(await statuses()).map(([name]) => name),
			["disconnector", "inputs-outputs", "power-quality"],
		);
		assert.deepEqual(await listed(), before);
	});

	it("what was read can be written back, and a feature with all its objects stays one", async () => {
		await start();
		const list = await management((client) => client.read(control, 3));
		assert.equal(await turn("limiter", false), result.success);
		const backwards = data.array(...[...elementsOf(list)].reverse());
		assert.equal(await management((client) => client.set(control, 3, backwards)), result.success);
		assert.deepEqual(await statuses(), [
			["power-quality", true],
			["inputs-outputs", true],
			["limiter", false],
			["disconnector", true],
		]);
		assert.deepEqual(await management((client) => client.read(control, 3)), backwards);
		assert.equal(await readResult(limiter, 2), result.objectUndefined);
	});

	it("a feature is known by its objects in any order", async () => {
		await start();
		const list = elementsOf(await management((client) => client.read(control, 3)));
		const [name, objects] = elementsOf(list[3]!);
		const shuffled = data.structure(name!, data.array(...[...elementsOf(objects!)].reverse()));
		const written = data.array(...list.slice(0, 3), shuffled);
		assert.equal(await management((client) => client.set(control, 3, written)), result.success);
		assert.deepEqual(await management((client) => client.read(control, 3)), data.array(...list));
		const short = data.structure(name!, data.array(...elementsOf(objects!).slice(1)));
		const refused = data.array(...list.slice(0, 3), short);
		assert.equal(await management((client) => client.set(control, 3, refused)), result.otherReason);
		assert.deepEqual(await management((client) => client.read(control, 3)), data.array(...list));
	});

	it("refuses what it cannot have, and nothing has changed then", async () => {
		await start();
		const before = await management((client) => client.read(control, 3));
		const count = () => management(async (client) => asNumber(await client.read(changeCount, 2)));
		const changes = await count();
		const limiters = [71, "0-0:17.0.0.255"] as const;
		const refused: readonly [string, number, Data][] = [
			["an object that every meter has", addFunction, made("energy", [3, "1-0:1.8.0.255"])],
			["a security setup", addFunction, made("keys", [64, "0-0:43.0.1.255"])],
			["one that this meter has not", addFunction, made("m-bus", [72, "0-1:24.1.0.255"])],
			["another class", addFunction, made("limit", [3, "0-0:17.0.0.255"])],
			["an object twice", addFunction, made("twice", limiters, limiters)],
			["no name", addFunction, made("", limiters)],
			["a long name", addFunction, made("a name too long!!", limiters)],
			["an unknown function", setStatus, status(["limiter", false], ["nothing", false])],
		];
		for (const [what, method, parameter] of refused)
			assert.equal(await act(method, parameter), result.otherReason, what);
		assert.equal(await act(setStatus, data.array(data.boolean(true))), result.typeUnmatched);
		const twice = data.array(made("one", limiters), made("one"));
		assert.equal(await management((client) => client.set(control, 3, twice)), result.otherReason);
		const nine = data.array(...Array.from({ length: 9 }, (_, n) => made(`f${n}`)));
		assert.equal(await management((client) => client.set(control, 3, nine)), result.otherReason);
		assert.equal(await act(setStatus, status(["limiter", false]), "reader"), result.readWriteDenied);
		assert.deepEqual(await management((client) => client.read(control, 3)), before);
		assert.ok((await statuses()).every(([, isOn]) => isOn === true));
		assert.equal(await count(), changes);
		assert.equal(await turn("limiter", false), result.success);
		assert.equal(await count(), changes + 1);
	});
});
