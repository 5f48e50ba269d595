// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { data, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";

const deviceId6 = ref(1, "0-0:96.1.5.255");

describe("the verification seal, from outside", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D");
	});
	afterEach(() => meter.close());

	const setSeal = (sealOpen: boolean) => {
		meter.simulator.simulated.housing.set({ sealOpen });
		meter.simulator.pacer.step(2000);
	};

	for (const link of ["mode E", "direct HDLC"] as const satisfies readonly LinkName[]) {
		it(`F142: lets the metrology client in over ${link} while the seal is open, and not while it is closed`, async () => {
			await assert.rejects(meter.connect("metrology", link));
			setSeal(true);
			await meter.with(
				"metrology",
				async (client) => {
					assert.equal(await client.set(deviceId6, 2, data.octetString("0120 SG")), result.success);
					assert.equal(await client.set(ref(1, "0-0:96.1.1.255"), 2, data.octetString("x")), result.readWriteDenied);
				},
				link,
			);
			setSeal(false);
			await assert.rejects(meter.connect("metrology", link));
		});
	}

	it("F142: knows no metrology client over TCP, whatever the seal", async () => {
		await assert.rejects(meter.connect("metrology"));
		setSeal(true);
		await assert.rejects(meter.connect("metrology"));
	});

	it("F142: serves nothing of an association that was open when the seal closed", async () => {
		setSeal(true);
		const client = await meter.connect("metrology", "direct HDLC");
		assert.equal(await client.set(deviceId6, 2, data.octetString("before")), result.success);
		setSeal(false);
		await assert.rejects(client.set(deviceId6, 2, data.octetString("after")));
		setSeal(true);
		await assert.rejects(client.set(deviceId6, 2, data.octetString("after")), "it is over, not asleep");
		await client.close().catch(() => undefined);
		await meter.with("management", async (opened) => {
			assert.equal(Buffer.from((await opened.read(deviceId6, 2)).value as Uint8Array).toString(), "before");
			assert.equal(await opened.set(deviceId6, 2, data.octetString("x")), result.readWriteDenied);
		});
	});
});
