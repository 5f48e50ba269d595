// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { asOctets, ref } from "../support/client/data.js";
import { encodeGet } from "../support/client/services.js";
import { encodeWrapper } from "../support/client/wrapper.js";
import { groupShift } from "../support/group-message.js";
import { RunningMeter } from "../support/running-meter.js";

const clock = ref(8, "0-0:1.0.0.255");
const allStations = 0xffff;
const preEstablished = 102;

describe("one message to many meters", () => {
	const meters: RunningMeter[] = [];

	before(async () => {
		for (const model of ["SM402D", "ST402D", "ST402C"] as const)
			meters.push(await RunningMeter.start(model, { speed: 0 }));
	});
	after(async () => {
		for (const meter of meters) await meter.close();
	});

	async function utc_s(meter: RunningMeter): Promise<number> {
		const client = await meter.connect("public");
		try {
			const bytes = asOctets(await client.read(clock, 2));
			return bytes[5]! * 3600 + bytes[6]! * 60 + bytes[7]!;
		} finally {
			await client.close();
		}
	}

	it("SEC-bcast F77: the same datagram sets the clocks of three meters, is answered by none, and works once", async () => {
		const before = await Promise.all(meters.map(utc_s));
		const socket = createSocket("udp4");
		let answers = 0;
		socket.on("message", () => answers++);
		const unit = encodeWrapper(preEstablished, allStations, groupShift(100, 1));
		try {
			for (let repeat = 0; repeat < 2; repeat++) {
				for (const { simulator } of meters) {
					await new Promise((resolve) => socket.send(unit, simulator.tcp, "127.0.0.1", resolve));
				}
			}
			// a request that no one answers is known to have arrived when one behind it has an effect
			const probe = encodeWrapper(16, 1, encodeGet({ id: 1 }, { ref: clock, attribute: 2 }));
			for (const [n, meter] of meters.entries()) {
				await new Promise((resolve) => socket.send(probe, meter.simulator.tcp, "127.0.0.1", resolve));
				for (let turn = 0; turn < 200 && (await utc_s(meter)) === before[n]; turn++);
				assert.equal((await utc_s(meter)) - before[n]!, 100);
			}
			assert.equal(answers, 0);
		} finally {
			socket.close();
			await once(socket, "close");
		}
	});
});
