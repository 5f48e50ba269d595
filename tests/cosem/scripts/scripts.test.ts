// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DeviceError } from "../../../src/core/device-error.js";
import { access } from "../../../src/cosem/access.js";
import type { Application } from "../../../src/cosem/application.js";
import { scriptTable } from "../../../src/cosem/classes/script-table.js";
import { decodeLong } from "../../../src/cosem/codec/axdr.js";
import { parseLogicalName } from "../../../src/cosem/logical-name.js";
import { type CosemObject, clientIndex, defineClass } from "../../../src/cosem/model.js";
import { object } from "../../../src/cosem/object.js";
import { indexObjects, ObjectDirectory } from "../../../src/cosem/object-directory.js";
import { executes, writes } from "../../../src/cosem/objects/scripts.js";
import { dataAccessResult } from "../../../src/cosem/result.js";
import { type ScriptCaller, Scripts, scriptTrigger } from "../../../src/cosem/scripts/scripts.js";
import { st402d } from "../../../src/models/model.js";
import { asNumber, data, elementsOf, ref } from "../../support/client/data.js";
import { result } from "../../support/client/services.js";
import { RunningMeter } from "../../support/running-meter.js";

const { success, otherReason, readWriteDenied, objectUndefined, hardwareFault, typeUnmatched } = dataAccessResult;

/** What was done, in order. */
const done: string[] = [];

const target = defineClass<{ fails?: boolean }>({
	classId: 70,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			set(r) {
				done.push(`write ${decodeLong(r)}`);
				return success;
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "act",
			invoke(_r, _w, _call, spec) {
				done.push(spec.fails === true ? "failed" : "done");
				return spec.fails === true ? otherReason : success;
			},
		},
		{
			id: 2,
			name: "break",
			invoke() {
				throw new DeviceError("flash", "refused");
			},
		},
	],
});
const sealed = defineClass<null>({
	classId: 64,
	version: 1,
	attributes: [],
	methods: [{ id: 1, name: "keys", invoke: () => success }],
});

const rights = access({ management: "R*;W2;A1,2", reader: "R*" });
const forReader = access({ management: "A1", reader: "A1" });
const good = "0-0:96.3.10.255";
const bad = "0-1:96.3.10.255";
const table = "0-0:10.0.106.255";
const nested = (id: number) => executes(9, table, 1, [18, 0, id]);
const act = executes(70, good, 1);
const fail = executes(70, bad, 1);

const rows: CosemObject[] = [
	object(target, good, rights, {}),
	object(target, bad, rights, { fails: true }),
	object(sealed, "0-0:43.0.1.255", access({ management: "R*;A1" }), null),
	object(scriptTable, table, forReader, {
		scripts: [
			{ id: 1, actions: [act, writes(70, good, 2, [16, 1, 2])] },
			{ id: 2, actions: [act, fail, act] },
			{ id: 3, actions: [act, fail, act], isAtomic: true },
			{ id: 4, actions: [nested(4), act] },
			{ id: 5, actions: [executes(64, "0-0:43.0.1.255", 1)] },
			{ id: 6, actions: [executes(70, "0-9:96.3.10.255", 1)] },
			{ id: 7, actions: [executes(70, "0-9:96.3.10.255", 1), act] },
			{ id: 8, actions: [executes(70, good, 2)] },
			{ id: 9, actions: [writes(70, good, 2, [17, 1])] },
			{
				id: 10,
				actions: [act],
				run(_application, caller) {
					done.push(`run by ${caller.client} trigger ${caller.trigger} at ${caller.nominal_s}`);
					return success;
				},
			},
			{ id: 11, actions: [nested(10)] },
		],
	}),
];

function bench(): Scripts {
	const application = { directory: new ObjectDirectory(indexObjects([rows]), st402d) } as unknown as Application;
	const scripts = new Scripts(application);
	Object.assign(application, { scripts });
	done.length = 0;
	return scripts;
}

const manager: ScriptCaller = { client: clientIndex.management, trigger: scriptTrigger.schedule, nominal_s: 42 };
const reader: ScriptCaller = { client: clientIndex.reader, trigger: scriptTrigger.client };
const run = (id: number, caller = manager): number => bench().execute(parseLogicalName(table), id, caller);

describe("cosem/scripts", () => {
	it("executes and writes in the order of the actions", () => {
		assert.equal(run(1), success);
		assert.deepEqual(done, ["done", "write 258"]);
	});

	it("goes on after an action that fails and tells the first failure; an atomic script ends there", () => {
		assert.equal(run(2), otherReason);
		assert.deepEqual(done, ["done", "failed", "done"]);
		assert.equal(run(3), otherReason);
		assert.deepEqual(done, ["done", "failed"]);
	});

	it("has the rights of the caller at every action (SEC-deputy)", () => {
		assert.equal(run(1, reader), readWriteDenied);
		assert.deepEqual(done, []);
	});

	it("does not run from a table which the caller may not execute, nor from none", () => {
		assert.equal(run(1, { client: clientIndex.technician, trigger: scriptTrigger.schedule }), readWriteDenied);
		assert.equal(bench().execute(parseLogicalName("0-0:10.0.1.255"), 1, manager), objectUndefined);
		assert.equal(bench().execute(parseLogicalName(good), 1, manager), objectUndefined);
		assert.equal(bench().execute(parseLogicalName("0-0:10.0.1.255"), 0, manager), success, "0 is no action");
		assert.equal(run(99), otherReason);
	});

	it("ends a table that leads back to itself at the fourth level", () => {
		assert.equal(run(4), otherReason);
		assert.deepEqual(done, ["done", "done", "done", "done"]);
	});

	it("changes no key and no right, whoever calls", () => {
		assert.equal(run(5), readWriteDenied);
	});

	it("leaves out what this meter does not have", () => {
		assert.equal(run(6), otherReason);
		assert.equal(run(7), success);
		assert.deepEqual(done, ["done"]);
		const scripts = bench();
		assert.equal(scripts.mayConfigure(parseLogicalName(table), 6, clientIndex.management), false);
		assert.equal(scripts.mayConfigure(parseLogicalName(table), 7, clientIndex.management), true);
		assert.equal(scripts.mayConfigure(parseLogicalName(table), 0, clientIndex.management), true);
		assert.equal(scripts.mayConfigure(parseLogicalName(table), 7, clientIndex.technician), false);
	});

	it("tells a fault of the device and a parameter of the wrong type", () => {
		assert.equal(run(8), hardwareFault);
		assert.equal(run(9), typeUnmatched);
	});

	it("lets a script know who calls, through other scripts too", () => {
		assert.equal(run(10), success);
		assert.equal(run(11), success);
		assert.deepEqual(done, ["run by 1 trigger 1 at 42"]);
	});
});

describe("global reset script table", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D", { clock_s: 820_000_000, speed: 0, seed: 7 });
		meter.simulator.pacer.step(2_000_000);
	});
	after(() => meter.close());

	const scripts = ref(9, "0-0:10.0.0.255");
	const inUse = ref(7, "1-0:99.1.0.255");

	it("is read by the staff and executed by management", async () => {
		await meter.with("reader", async (client) => {
			const [first] = elementsOf(await client.read(scripts, 2));
			assert.equal(asNumber(elementsOf(first!)[0]!), 1);
			assert.equal((await client.action(scripts, 1, data.longUnsigned(1))).result, result.readWriteDenied);
		});
		await meter.with("management", async (client) => {
			assert.ok(asNumber(await client.read(inUse, 7)) > 0);
			assert.equal((await client.action(scripts, 1, data.longUnsigned(77))).result, result.otherReason);
			assert.equal((await client.action(scripts, 1, data.unsigned(1))).result, result.typeUnmatched);
			assert.ok(asNumber(await client.read(inUse, 7)) > 0);
			assert.equal((await client.action(scripts, 1, data.longUnsigned(1))).result, result.success);
			assert.equal(asNumber(await client.read(inUse, 7)), 0);
		});
	});
});
