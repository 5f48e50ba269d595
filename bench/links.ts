// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { DlmsClient } from "../tests/support/client/client.js";
import { ref } from "../tests/support/client/data.js";
import { encodeGet } from "../tests/support/client/services.js";
import { clientSap, testSecurity } from "../tests/support/client/test-client.js";
import { encodeWrapper } from "../tests/support/client/wrapper.js";
import { RunningMeter } from "../tests/support/running-meter.js";
import { ApduPump } from "./apdu-pump.js";
import type { Bench, Figure } from "./bench.js";

const rounds = 12;
const perRound = 1500;
const connections = 50;
const clock = { ref: ref(8, "0-0:1.0.0.255"), attribute: 2 };
const request = encodeGet({ id: 1 }, clock);

/** Round trips a second of one round. */
async function rate(pump: ApduPump, unitOf: (n: number) => Uint8Array): Promise<number> {
	const begin_ms = performance.now();
	for (let n = 0; n < perRound; n++) await pump.exchange(unitOf(n));
	return perRound / ((performance.now() - begin_ms) / 1000);
}

/** The same of all connections together. */
async function rateOfAll(pumps: readonly ApduPump[], unit: Uint8Array): Promise<number> {
	const each = Math.ceil(perRound / pumps.length);
	const begin_ms = performance.now();
	await Promise.all(
		pumps.map(async (pump) => {
			for (let n = 0; n < each; n++) await pump.exchange(unit);
		}),
	);
	return (each * pumps.length) / ((performance.now() - begin_ms) / 1000);
}

/** Node's own TCP: what comes goes back. */
async function startEcho(): Promise<Server> {
	const server = createServer({ noDelay: true }, (socket) => socket.on("data", (chunk) => socket.write(chunk)));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return server;
}

/**
 * Requests over TCP. The units are made and protected beforehand, and the answers checked afterwards, so that the rates are
 * those of the meter; both ends share one core. Rounds of what is compared take turns, the best of each counts.
 */
export const linksBench: Bench = {
	area: "links",
	async run(): Promise<Figure[]> {
		const server = await startEcho();
		const meter = await RunningMeter.start("ST402D", { speed: 1, rs485: false });
		const opened: ApduPump[] = [];
		const open = async (port: number): Promise<ApduPump> => {
			const pump = await ApduPump.open(port);
			opened.push(pump);
			return pump;
		};
		try {
			const { tcp } = meter.simulator;
			const echo = await open((server.address() as AddressInfo).port);
			const publicPumps = await Promise.all(Array.from({ length: connections }, () => open(tcp)));
			for (const pump of publicPumps) await DlmsClient.overWrapper(pump, { clientSap: clientSap.public }).associate();
			const managed = await open(tcp);
			const client = DlmsClient.overWrapper(managed, { clientSap: clientSap.management, security: testSecurity() });
			await client.associate();
			const session = client.association.session!;
			const plainUnit = encodeWrapper(clientSap.public, 1, request);
			const best = { echo: 0, plain: 0, ciphered: 0, all: 0 };
			for (let round = 0; round < rounds; round++) {
				const units = Array.from({ length: perRound }, () =>
					encodeWrapper(clientSap.management, 1, session.protect(request)),
				);
				best.echo = Math.max(best.echo, await rate(echo, () => plainUnit));
				best.plain = Math.max(best.plain, await rate(publicPumps[0]!, () => plainUnit));
				best.ciphered = Math.max(best.ciphered, await rate(managed, (n) => units[n]!));
				best.all = Math.max(best.all, await rateOfAll(publicPumps, plainUnit));
				session.unprotect(managed.last.subarray(8)); // a right answer, to the last of them
			}
			const reference = `node's own TCP echo: ${best.echo.toFixed(0)} round trips a second`;
			const figure = (
				name: string,
				value: number,
				unit: string,
				target?: number,
				comparedWith = reference,
			): Figure => ({
				area: "links",
				name,
				value,
				unit,
				reference: comparedWith,
				...(target === undefined ? {} : { target }),
			});
			const one = `one connection: ${best.plain.toFixed(0)} a second`;
			return [
				figure("GET plain", best.plain / best.echo, "x echo", 0.6),
				figure("GET ciphered", best.ciphered / best.echo, "x echo", 0.4),
				figure("GET ciphered, round trips", best.ciphered, "1/s"),
				figure(`GET plain, ${connections} connections together`, best.all / best.plain, "x one", 1, one),
			];
		} finally {
			for (const pump of opened) pump.close();
			await meter.close();
			server.close();
		}
	},
};
