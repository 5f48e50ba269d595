// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { startSimulator } from "../../hosts/simulator/start.js";
import { MeterBench } from "../events/meter-bench.js";
import { decodeAare } from "../support/client/acse.js";
import { mechanism } from "../support/client/association.js";
import { encodeData } from "../support/client/axdr.js";
import { bigEndian, concat, encodeLength, fromAscii, fromHex, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, ref } from "../support/client/data.js";
import { AssociationRefusedError, ExceptionResponseError } from "../support/client/errors.js";
import { readClientKeys, signatureProof } from "../support/client/public-keys.js";
import { clientSap, lowLevelPassword, testKeys, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";
import { SimulatorProcess } from "../support/simulator-process.js";

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

	it("SEC-rng: with a generator that is stuck nobody can authenticate, and the meter measures on", async () => {
		const bench = new MeterBench({ random: { fill: (into) => void into.fill(0x5a) } });
		for (const phase of [1, 2, 3] as const) bench.grid.setPhase(phase, { current_A: 5 });
		bench.run(60);
		const isImpossible = (error: unknown): boolean =>
			error instanceof ExceptionResponseError && error.stateError === 1 && error.serviceError === 1;
		await assert.rejects(bench.connect("management"), isImpossible);
		const client = await bench.connect("public");
		assert.equal(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2)).length, 12);
		await client.close();
		const { cf1 } = bench.simulated.frontEnd;
		const before = cf1.count;
		bench.run(600); // 3 x 230 V x 5 A at 1000 impulses a kWh
		assert.ok(Math.abs(cf1.count - before - 575) <= 2, String(cf1.count - before));
	});

	it("SEC-push: only management says where pushes go, and a notification that comes in is never answered with more", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0 });
		try {
			const destination = data.structure(data.enum(0), data.octetString("127.0.0.1:4999"), data.enum(0));
			for (const push of [0, 1, 2, 3, 4, 6, 7]) {
				const object = ref(40, `0-${push}:25.9.0.255`);
				for (const [who, link] of [
					["reader", "wrapper"],
					["technician", "direct HDLC"],
					["consumer", "direct HDLC"],
				] as const) {
					const answer = await meter.with(
						who,
						(client) => client.set(object, 3, destination).catch((error: Error) => error.message),
						link,
					);
					// no right, no such object, or no SET at all for this client
					assert.ok([3, 4, "exception-response 1/2"].includes(answer), `${who} ${push}: ${answer}`);
				}
			}
			const notification = concat(0x0f, fromHex("00000001"), 0, 0x09, encodeLength(200), new Uint8Array(200).fill(1));
			const client = await meter.connect("public");
			assert.equal(toHex(await client.sendRaw(notification)), "d80202");
			await client.close();
			const open = await DlmsClient.connectTcp({ clientSap: clientSap.preEstablished, port: meter.simulator.tcp });
			await open.association.sendRaw(notification);
			await assert.rejects(open.association.receiveRaw(300));
			await open.close();
		} finally {
			await meter.close();
		}
	});

	it("SEC-priv: profiles are read by those whose business they are, and hold nothing finer than five minutes", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0 });
		try {
			for (const profile of ["1-0:99.1.0.255", "1-0:99.2.0.255", "0-0:98.1.0.255"]) {
				await meter.with("public", async (client) => assert.equal((await client.get(ref(7, profile), 2)).result, 4));
				const period_s = await meter.with("management", async (client) =>
					asNumber(await client.read(ref(7, profile), 4)),
				);
				assert.ok(period_s === 0 || period_s >= 300, profile);
			}
			const isListed = await meter.with("public", async (client) => client.readObjectList());
			assert.ok(isListed.every(({ classId }) => classId !== 7 && classId !== 3));
			await meter.with("management", async (client) => {
				for (const period_s of [1, 60, 299]) {
					assert.equal(await client.set(ref(7, "1-0:99.1.0.255"), 4, data.doubleLongUnsigned(period_s)), 250);
				}
			});
		} finally {
			await meter.close();
		}
	});

	describe("of a simulator as a user starts it", () => {
		let folder: string;
		let simulator: SimulatorProcess;
		before(async () => {
			folder = mkdtempSync(join(tmpdir(), "sx402-scan-"));
			simulator = await SimulatorProcess.start(["--no-panel", "--rs485", "0", "--data", folder]);
		});
		after(async () => {
			await simulator.kill();
			rmSync(folder, { recursive: true, force: true });
		});

		/** What a raw connection gets for some octets; "" when nothing comes, or it is closed. */
		async function probe(port: number, octets: Uint8Array | string): Promise<string> {
			const socket = connect(port, "127.0.0.1");
			await once(socket, "connect");
			const chunks: Buffer[] = [];
			socket.on("data", (chunk: Buffer) => chunks.push(chunk));
			socket.write(octets);
			await Promise.race([once(socket, "close"), new Promise((resolve) => setTimeout(resolve, 150))]);
			socket.destroy();
			return Buffer.concat(chunks).toString("hex");
		}

		it("SEC-id: only the ports it was told to open are open, on this machine alone", () => {
			const listening = sockets(simulator.pid, "tcp", "0A");
			const { tcp, optical, rs485 } = simulator.ready;
			const expected = [tcp, optical, rs485!].sort((a, b) => a - b);
			assert.deepEqual(
				listening.map(({ port }) => port).sort((a, b) => a - b),
				expected,
			);
			for (const { address } of listening) assert.equal(address, "0100007F");
			for (const { address, port } of sockets(simulator.pid, "udp", "07")) {
				assert.equal(address, "0100007F");
				assert.equal(port, simulator.ready.tcp);
			}
		});

		it("SEC-id: a meter ordered so tells the public client not which one it is, and all others as usual", async () => {
			const meter = await RunningMeter.start("ST402D", { isAnonymous: true, speed: 0 });
			try {
				const named = [
					["logical device name", 1, "0-0:42.0.0.255"],
					["device number", 1, "0-0:96.1.0.255"],
					["SAP list", 17, "0-0:41.0.0.255"],
				] as const;
				const { logicalDeviceName } = meter.simulator;
				const { serialNumber } = meter.simulator.simulated.meter.application.identity;
				const serial = Buffer.from(serialNumber).toString("latin1");
				for (const client of ["public", "reader"] as const) {
					await meter.with(client, async (opened) => {
						for (const [what, classId, name] of named) {
							const value = await opened.read(ref(classId, name), 2);
							const text = Buffer.from(encodeData(value)).toString("latin1");
							const isThere = text.includes(logicalDeviceName) || text.includes(serial);
							assert.equal(isThere, client !== "public", `${what} to ${client}`);
						}
						assert.equal((await opened.readObjectList()).length > 0, true);
					});
				}
			} finally {
				await meter.close();
			}
		});

		it("SEC-id: before an association it says no more than that it is a DLMS meter", async () => {
			const { tcp, optical, systemTitle, logicalDeviceName } = simulator.ready;
			const wrapped = (apdu: string, sap = 16): Uint8Array =>
				concat(fromHex(`0001${sap.toString(16).padStart(4, "0")}0001`), bigEndian(apdu.length / 2, 2), fromHex(apdu));
			const told = [
				systemTitle,
				...[logicalDeviceName, "SX402", "node", "0.1.0"].map((text) => Buffer.from(text).toString("hex")),
			];
			const management =
				"6036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e01000000065f1f0400001e1dffff";
			const probes: [string, Uint8Array | string, RegExp][] = [
				["HTTP", "GET / HTTP/1.1\r\nHost: meter\r\n\r\n", /^$/],
				["TLS", fromHex("16030100c8010000c40303"), /^$/],
				["SSH", "SSH-2.0-scan\r\n", /^$/],
				["GET without association", wrapped("c001c100080000010000ff0200"), /d80101$/],
				["unknown tag", wrapped("ff00"), /d80202$/],
				["an unknown client", wrapped(management, 77), /a203020101/],
				["management with a password", wrapped(management, 1), /a203020101/],
			];
			for (const [what, octets, wanted] of probes) {
				const answer = await probe(tcp, octets);
				assert.match(answer, wanted, what);
				assert.ok(answer.length <= 128, what);
				for (const octets of told) assert.ok(!answer.includes(octets.toLowerCase()), what);
			}
			assert.equal(await probe(optical, "GET / HTTP/1.1\r\n\r\n"), "");
			assert.equal(await probe(optical, "\r\n\r\n"), "");
		});

		it("SEC-store: its keys are in files of their owner alone; of others that can be read it warns, once it is ready", async () => {
			const data = mkdtempSync(join(tmpdir(), "sx402-store-"));
			chmodSync(data, 0o755);
			const lines: string[] = [];
			const start = async () => {
				const log = {
					write: (level: string, part: string, text: string) => void lines.push(`${level} ${part}: ${text}`),
				};
				const meter = await startSimulator({ tcp: 0, optical: 0, speed: 0, fram: true, suite: 1, data }, log);
				assert.deepEqual(lines, []);
				await setImmediate();
				await meter.close();
			};
			try {
				await start();
				assert.deepEqual(lines, []);
				const withKeys = ["flash.bin", "fram.bin", join("certificates", "ca-key.pem")].map((name) => join(data, name));
				for (const path of withKeys) assert.equal(statSync(path).mode & 0o077, 0, path);
				for (const path of withKeys) chmodSync(path, 0o644);
				await start();
				assert.deepEqual(
					lines,
					withKeys.map((path) => `warning data: ${path}: not only its owner can read the keys in it (chmod 600)`),
				);
			} finally {
				rmSync(data, { recursive: true });
			}
		});

		it("SEC-trace SEC-store: neither keys nor passwords nor plain APDUs come out of it, whatever clients do", async () => {
			const security = testSecurity();
			const options = { clientSap: clientSap.management, security, port: simulator.ready.tcp };
			const client = await DlmsClient.connectTcp(options);
			await client.associate();
			const marker = "PLAINMARKER1234";
			assert.equal(await client.set(ref(1, "0-0:96.1.1.255"), 2, data.octetString(marker)), 0);
			await client.close();
			const wrong = await DlmsClient.connectTcp({
				...options,
				security: { ...security, unicastKey: new Uint8Array(16) },
			});
			await assert.rejects(wrong.associate(), AssociationRefusedError);
			await wrong.close().catch(() => undefined);
			await simulator.stop();
			const secrets = [...Object.values(testKeys), fromAscii(marker), lowLevelPassword];
			assert.ok(simulator.output.length > 0);
			for (const secret of secrets) {
				const forms = [Buffer.from(secret).toString("latin1"), toHex(secret), Buffer.from(secret).toString("base64")];
				for (const form of forms) assert.ok(!simulator.output.toLowerCase().includes(form.toLowerCase()), form);
			}
			assert.doesNotMatch(simulator.output, /c101c1|c001c1/i);
		});
	});
});

interface OpenSocket {
	/** As in /proc/net: hexadecimal, in the order of the machine. */
	readonly address: string;
	readonly port: number;
}

/** Sockets of a process in a state, out of /proc. */
function sockets(pid: number, kind: "tcp" | "udp", state: string): OpenSocket[] {
	const inodes = new Set<string>();
	for (const name of readdirSync(`/proc/${pid}/fd`)) {
		let target = "";
		try {
			target = readlinkSync(`/proc/${pid}/fd/${name}`);
		} catch {
			continue; // closed meanwhile
		}
		const found = /^socket:\[(\d+)\]$/.exec(target);
		if (found !== null) inodes.add(found[1]!);
	}
	const lines = [kind, `${kind}6`].flatMap((name) => readFileSync(`/proc/net/${name}`, "utf8").split("\n").slice(1));
	return lines
		.map((line) => line.trim().split(/\s+/))
		.filter((fields) => fields[3] === state && inodes.has(fields[9] ?? ""))
		.map((fields) => {
			const [address = "", port = ""] = fields[1]!.split(":");
			return { address, port: Number.parseInt(port, 16) };
		});
}
