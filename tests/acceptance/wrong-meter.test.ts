// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type WrongWay, wrongWays } from "../../hosts/simulator/wrong-answers.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const energy = ref(3, "1-0:1.8.0.255");

/** What a client that looks closely says of each way: SecurityError and its kin, no answer, or an association it refuses. */
const complaints: Record<WrongWay, RegExp> = {
	badTag: /authentication tag is wrong/,
	repeatedCounter: /^counter \d+ after \d+$/,
	wrongTitle: /authentication tag is wrong|answer of/,
	weakChallenge: /association refused|exception-response|no answer|the meter/i,
	downgrade: /no challenge of the meter|refused|context/,
	truncated: /octets wanted|octets left|length/,
};

describe("a meter that is wrong on purpose", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("SM402D", { speed: 0 });
	});
	after(() => meter.close());

	const read = async (client: DlmsClient): Promise<number> => {
		await client.read(energy, 2);
		return asNumber(await client.read(energy, 2));
	};

	it("SEC-wrong: is right until a step says otherwise, and right again afterwards", async () => {
		const { wrong } = meter.simulator.simulated.handler;
		assert.equal(wrong.way, undefined);
		for (const way of wrongWays) {
			await meter.with("management", async (client) => assert.ok((await read(client)) >= 0));
			wrong.set(way);
			const isSeen = (error: Error): boolean => complaints[way].test(error.message);
			await assert.rejects(async () => {
				const client = await meter.connect("management");
				try {
					await read(client);
				} finally {
					wrong.set(undefined);
					await client.close().catch(() => undefined);
				}
			}, isSeen);
			wrong.set(undefined);
			// failures of the handshake lock the client out for a while
			meter.simulator.simulated.runTo(meter.simulator.simulated.monotonic_ms() + 400_000);
		}
		await meter.with("management", async (client) => assert.ok((await read(client)) >= 0));
	});
});
