// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ref } from "../support/client/data.js";
import { encodeWrapper } from "../support/client/wrapper.js";
import { RunningMeter } from "../support/running-meter.js";

const clients = 50;
const clock = ref(8, "0-0:1.0.0.255");
const objectList = ref(15, "0-0:40.0.0.255");

describe("many clients at once", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
	});
	after(() => meter.close());

	async function raw(): Promise<Socket> {
		const socket = connect({ port: meter.simulator.tcp, host: "127.0.0.1", noDelay: true });
		socket.on("error", () => undefined);
		await once(socket, "connect");
		return socket;
	}

	it(`F77 G9: ${clients} associations over TCP are served side by side`, async () => {
		const opened = await Promise.all(Array.from({ length: clients }, () => meter.connect("public")));
		try {
			for (let round = 0; round < 3; round++) {
				const values = await Promise.all(opened.map((client) => client.read(clock, 2)));
				assert.equal(values.length, clients);
			}
		} finally {
			await Promise.all(opened.map((client) => client.close()));
		}
	});

	it("G9: clients that are silent, slow, or do not read disturb no other", async () => {
		const silent = await Promise.all(Array.from({ length: 20 }, raw));
		const slow = await Promise.all(Array.from({ length: 10 }, raw));
		const deaf = await Promise.all(Array.from({ length: 5 }, raw));
		try {
			for (const socket of slow) socket.write(Uint8Array.of(0, 1, 0, 16, 0)); // and never the rest
			const aarq = Buffer.from("601da109060760857405080101be10040e01000000065f1f0400001214ffff", "hex");
			const get = Buffer.from("c001c1000f0000280000ff0200", "hex");
			for (const socket of deaf) {
				socket.pause();
				socket.write(encodeWrapper(16, 1, aarq));
				for (let n = 0; n < 500; n++) socket.write(encodeWrapper(16, 1, get));
			}
			const opened = await Promise.all(Array.from({ length: 10 }, () => meter.connect("public")));
			const begin_ms = performance.now();
			await Promise.all(opened.map((client) => client.read(objectList, 2)));
			for (let round = 0; round < 10; round++) await Promise.all(opened.map((client) => client.read(clock, 2)));
			assert.ok(performance.now() - begin_ms < 10_000, "a client had to wait for others");
			await Promise.all(opened.map((client) => client.close()));
		} finally {
			for (const socket of [...silent, ...slow, ...deaf]) socket.destroy();
		}
	});
});
