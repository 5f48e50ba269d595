// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeAare } from "../support/client/acse.js";
import { mechanism } from "../support/client/association.js";
import { toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { AssociationRefusedError } from "../support/client/errors.js";
import { readClientKeys, signatureProof } from "../support/client/public-keys.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";

describe("security seen from outside", () => {
	it("SEC-cpu: one handshake with signatures at a time; a second client waits, the first one gets through", async () => {
		const folder = mkdtempSync(join(tmpdir(), "sx402-security-"));
		const meter = await RunningMeter.start("SM402D", { suite: 1, data: folder, seed: 3, speed: 0 });
		try {
			const security = testSecurity({ control: 0x31 });
			const options = {
				clientSap: clientSap.management,
				mechanism: mechanism.highEcdsa,
				proof: signatureProof(readClientKeys(folder, 1)),
				security,
				port: meter.simulator.tcp,
			};
			const first = await DlmsClient.connectTcp(options);
			await first.association.sendRaw(first.association.request(new Uint8Array(32).fill(1)));
			assert.equal(decodeAare(await first.association.receiveRaw()).result, 0); // and there it stops
			const second = await DlmsClient.connectTcp(options);
			const isTransient = (error: unknown): boolean =>
				error instanceof AssociationRefusedError && error.response.result === 2;
			await assert.rejects(second.associate(), isTransient);
			meter.simulator.pacer.step(31_000); // the handshake that hangs is given up
			await second.associate();
			await second.close();
			await first.close().catch(() => undefined);
		} finally {
			await meter.close();
			rmSync(folder, { recursive: true });
		}
	});

	/** The challenges of three associations. */
	async function challenges(seed: { seed?: number; isRepeatable?: boolean }): Promise<string[]> {
		const meter = await RunningMeter.start("SM402D", { ...seed, speed: 0 });
		try {
			const found: string[] = [];
			for (let n = 0; n < 3; n++) {
				const client = await meter.connect("management");
				found.push(toHex(client.association.agreed!.response.authenticationValue!));
				await client.close();
			}
			return found;
		} finally {
			await meter.close();
		}
	}

	it("SEC-rng: challenges repeat in the repeatable mode of the simulator alone, which no board has", async () => {
		const [one, two] = [await challenges({}), await challenges({})];
		assert.equal(new Set([...one, ...two]).size, 6);
		assert.deepEqual(
			await challenges({ seed: 5, isRepeatable: true }),
			await challenges({ seed: 5, isRepeatable: true }),
		);
		const sources = readdirSync("hosts/esp32", { recursive: true, encoding: "utf8" }).filter((name) =>
			/\.(ts|c)$/.test(name),
		);
		for (const name of sources)
			assert.doesNotMatch(readFileSync(join("hosts/esp32", name), "utf8"), /SeededRandom/, name);
	});
});
