// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { eventLog } from "../../../src/events/event-sink.js";
import { st402d } from "../../../src/models/model.js";
import type { Outlet, OutletListener } from "../../../src/ports/outlet.js";
import { flashLayout } from "../../../src/storage/layout.js";
import { MeterBench } from "../../events/meter-bench.js";
import type { Data } from "../../support/client/axdr.js";
import {
	asNumber,
	asOctets,
	data,
	decodeLogicalName,
	elementsOf,
	encodeLogicalName,
	ref,
} from "../../support/client/data.js";
import { result } from "../../support/client/services.js";

const monitor = (n: number) => ref(21, `0-0:16.1.${n}.255`);
const descriptor = (n: number) => ref(1, `0-0:97.98.2${n}.255`);
const bits = data.doubleLongUnsigned;
const pushes = "0-0:10.0.108.255";
const relays = "0-0:10.0.103.255";
const reference = (table: string, script: number): Data =>
	data.structure(data.octetString(encodeLogicalName(table)), data.longUnsigned(script));
const pair = (up: Data, down: Data): Data => data.array(data.structure(up, down));
const nothing = reference(pushes, 0);

/** Counts what the meter sends. */
class Post implements Outlet {
	address = 0x7f00_0001;
	sent: number[] = [];

	send(message: Parameters<Outlet["send"]>[0], listener: OutletListener): void {
		this.sent.push(message.number);
		queueMicrotask(() => listener.messageSent(message.number, true));
	}
}

describe("alarm monitors 0-0:16.1.x", () => {
	let post: Post;
	let flash: MemoryFlash;
	let bench: MeterBench;

	beforeEach(async () => {
		post = new Post();
		flash = new MemoryFlash(flashLayout("desktop").sectorCount);
		bench = new MeterBench({ model: st402d, outlet: post, flash });
		bench.run(15);
		const destination = data.structure(data.enum(0), data.octetString("127.0.0.1:4059"), data.enum(0));
		await bench.with(async (client) => {
			assert.equal(await client.set(ref(40, "0-4:25.9.0.255"), 3, destination), result.success);
			assert.equal(await client.set(ref(40, "0-4:25.9.0.255"), 5, data.longUnsigned(0)), result.success);
			assert.equal(await client.set(ref(70, "0-1:96.3.10.255"), 4, data.enum(6)), result.success);
		});
		post.sent = [];
	});

	const raise = (code: number): void => {
		bench.simulated.meter.application.events.event(eventLog.standard, code);
		bench.run(2);
	};
	const set = (n: number, value: Data): Promise<number> => bench.with((client) => client.set(monitor(n), 4, value));
	const isRelayOn = (n: number) => bench.simulated.io!.state().relays[n - 1]!.isClosed;
	const alarmsSent = () => post.sent.filter((push) => push === 4).length;

	it("F114 watch the descriptors with threshold 0 and push as from the factory", async () => {
		await bench.with(async (client) => {
			for (let n = 0; n < 3; n++) {
				assert.deepEqual(elementsOf(await client.read(monitor(n), 2), 1).map(asNumber), [0]);
				const [classId, name, attribute] = elementsOf(await client.read(monitor(n), 3), 3);
				assert.deepEqual([asNumber(classId!), asNumber(attribute!)], [1, 2]);
				assert.equal(decodeLogicalName(asOctets(name!)), `0-0:97.98.2${n}.255`);
				const [actions] = elementsOf(await client.read(monitor(n), 4), 1);
				const [up, down] = elementsOf(actions!, 2).map((one) => elementsOf(one, 2));
				assert.equal(decodeLogicalName(asOctets(up![0]!)), pushes);
				assert.deepEqual([asNumber(up![1]!), asNumber(down![1]!)], [4, 0]);
				assert.equal(await client.set(monitor(n), 2, data.array(bits(1))), result.readWriteDenied);
			}
		});
	});

	it("F114 F78 push with each new bit through the filter, and do not where management has taken the action away", async () => {
		raise(12);
		assert.equal(alarmsSent(), 1);
		await Promise.resolve();
		bench.run(1);
		raise(13);
		assert.equal(alarmsSent(), 2, "a further bit");
		raise(48); // filter 2 is closed
		assert.equal(alarmsSent(), 2);
		await Promise.resolve();
		assert.equal(await set(0, pair(nothing, nothing)), result.success);
		raise(15);
		assert.equal(alarmsSent(), 2);
		const left = await bench.with((client) => client.read(descriptor(0), 2));
		assert.equal(asNumber(left), 2 ** 8 + 2 ** 9 + 2 ** 12);
	});

	it("F114 run another script up, and one down when the last bit is cleared, also after a power failure", async () => {
		assert.equal(await set(0, pair(reference(relays, 1), reference(relays, 2))), result.success);
		bench.simulated.cutPower();
		bench.run(30);
		bench.simulated.restorePower();
		bench.run(15);
		assert.ok(isRelayOn(1));
		raise(12);
		raise(13);
		bench.run(15);
		assert.ok(!isRelayOn(1));
		assert.equal(alarmsSent(), 0);
		const clear = (left: number) => bench.with((client) => client.set(descriptor(0), 2, bits(left)));
		assert.equal(await clear(0x100), result.success);
		bench.run(15);
		assert.ok(!isRelayOn(1), "one bit is left");
		assert.equal(await clear(0), result.success);
		bench.run(15);
		assert.ok(isRelayOn(1));
	});

	it("G3 refuse what does not exist or is not for the client, with everything as it was", async () => {
		await bench.with(async (client) => {
			const before = JSON.stringify(await client.read(monitor(1), 4));
			for (const wrong of [
				pair(reference(pushes, 77), nothing),
				pair(nothing, reference("0-0:1.0.0.255", 1)),
				pair(reference("0-0:10.0.101.255", 1), nothing),
				data.array(),
				data.array(...elementsOf(pair(nothing, nothing)), ...elementsOf(pair(nothing, nothing))),
			])
				assert.equal(await client.set(monitor(1), 4, wrong), result.otherReason);
			for (const wrong of [data.array(data.unsigned(1)), data.array(data.structure(nothing))])
				assert.equal(await client.set(monitor(1), 4, wrong), result.typeUnmatched);
			assert.equal(JSON.stringify(await client.read(monitor(1), 4)), before);
		});
		const technician = await bench.connect("technician", "optical");
		assert.equal(await technician.set(monitor(1), 4, pair(nothing, nothing)), result.readWriteDenied);
		await technician.close();
	});
});
