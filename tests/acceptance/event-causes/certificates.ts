// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue } from "../../../hosts/simulator/factory/certificates.js";
import { mechanism } from "../../support/client/association.js";
import { toHex } from "../../support/client/bytes.js";
import { DlmsClient } from "../../support/client/client.js";
import { data, ref } from "../../support/client/data.js";
import { pointOf, readClientKeys, signatureProof } from "../../support/client/public-keys.js";
import { clientSap, clientTitle, testSecurity } from "../../support/client/test-client.js";
import { type Cause, call } from "./world.js";

const setup = ref(64, "0-0:43.0.1.255");
const method = { generateKeyPair: 4, import: 6, remove: 8 };
const suite = 1;

/** Public keys in a folder of their own, which whoever runs the cause takes away. */
export function certificateCause(): Cause & { readonly folder: string } {
	const folder = mkdtempSync(join(tmpdir(), "sx402-causes-"));
	return {
		name: "certificates: a pair, one that ends soon, one that is taken away",
		folder,
		codes: { 7: [236, 237, 238, 239] },
		options: { suite, data: folder },
		async provoke(world) {
			const keys = readClientKeys(folder, suite);
			const security = testSecurity({ control: 0x30 + suite });
			world.connect = async () => {
				const options = { clientSap: clientSap.management, mechanism: mechanism.highEcdsa, security };
				const { tcp: port } = world.meter.simulator;
				const client = await DlmsClient.connectTcp({ ...options, proof: signatureProof(keys), port });
				await client.associate();
				return client;
			};
			const ca = createPrivateKey(readFileSync(join(folder, "certificates", "ca-key.pem")));
			const caKey = Uint8Array.from(Buffer.from(ca.export({ format: "jwk" }).d as string, "base64url"));
			const own = {
				subject: toHex(clientTitle).toUpperCase(),
				issuer: "SX402 TEST CA",
				publicKey: pointOf(createPublicKey(keys.signing)),
				usage: 0x80,
			};
			await world.manage(async (client) => {
				await call(client, setup, method.generateKeyPair, data.enum(0));
				const title = data.octetString(clientTitle);
				const old = data.structure(data.enum(0), data.structure(data.enum(1), data.enum(0), title));
				await call(client, setup, method.remove, old);
				const ending = issue({ ...own, serial: 90, notAfter: "260401000000Z" }, caKey);
				await call(client, setup, method.import, data.octetString(ending));
			});
			await world.manage(async () => undefined);
		},
	};
}
