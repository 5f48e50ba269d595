// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { type Simulator, startSimulator } from "../hosts/simulator/start.js";
import { DlmsClient } from "../tests/support/client/client.js";
import { ref } from "../tests/support/client/data.js";
import { clientSap, testSecurity } from "../tests/support/client/test-client.js";
import type { Bench, Figure } from "./bench.js";

const rounds = 5;
const perRound = 1500;
/** Octets of a plain GET of one register in the wrapper. */
const echoOctets = 21;
const quarter_s = 900;
const profileRows = 4000;

/** Best of some rounds: noise of a shared machine only ever adds. */
async function rate(once: () => Promise<unknown>): Promise<number> {
	let best = 0;
	for (let round = 0; round < rounds; round++) {
		const begin_ms = performance.now();
		for (let n = 0; n < perRound; n++) await once();
		best = Math.max(best, perRound / ((performance.now() - begin_ms) / 1000));
	}
	return best;
}

/** Round trips per second of node's own TCP with as many octets, in the same process. */
async function echoRate(): Promise<number> {
	const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
	await once(server, "listening");
	const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", noDelay: true });
	await once(socket, "connect");
	const request = new Uint8Array(echoOctets);
	const result = await rate(() => {
		const answer = once(socket, "data");
		socket.write(request);
		return answer;
	});
	socket.destroy();
	server.close();
	return result;
}

async function getRate(meter: Simulator, sap: number, isCiphered: boolean, first: number): Promise<number> {
	const options = { host: "127.0.0.1", port: meter.tcp, clientSap: sap };
	const client = await DlmsClient.connectTcp(isCiphered ? { ...options, security: testSecurity({ first }) } : options);
	await client.associate();
	const object = ref(8, "0-0:1.0.0.255");
	const result = await rate(() => client.read(object, 2));
	await client.close();
	return result;
}

/** Requests and rows over one TCP connection; the client is that of the tests, in the same process and on the same core. */
export const linksBench: Bench = {
	area: "links",
	async run(): Promise<Figure[]> {
		const echo = await echoRate();
		const meter = await startSimulator({ model: "ST402D", tcp: 0, optical: 0, speed: 0 });
		try {
			meter.pacer.step(profileRows * quarter_s * 1000);
			const plain = await getRate(meter, clientSap.public, false, 1);
			const ciphered = await getRate(meter, clientSap.management, true, 1);
			const client = await DlmsClient.connectTcp({
				host: "127.0.0.1",
				port: meter.tcp,
				clientSap: clientSap.management,
				security: testSecurity({ first: 1_000_000 }),
			});
			await client.associate();
			const begin_ms = performance.now();
			const { rows } = await client.readProfile("1-0:99.1.0.255");
			const rowRate = rows.length / ((performance.now() - begin_ms) / 1000);
			await client.close();
			const reference = `node's own TCP echo: ${echo.toFixed(0)} round trips a second`;
			return [
				{ area: "links", name: "GET plain", value: plain / echo, unit: "x echo", reference },
				{
					area: "links",
					name: "GET plain, round trips",
					value: plain,
					unit: "1/s",
					reference: "client in the same process",
				},
				{ area: "links", name: "GET ciphered", value: ciphered / echo, unit: "x echo", reference },
				{
					area: "links",
					name: "GET ciphered, round trips",
					value: ciphered,
					unit: "1/s",
					reference: "client in the same process",
				},
				{
					area: "links",
					name: "profile rows ciphered, decoded by the client",
					value: rowRate,
					unit: "1/s",
					reference: `${rows.length} rows of ${rows[0]?.length ?? 0} columns`,
				},
			];
		} finally {
			await meter.close();
		}
	},
};
