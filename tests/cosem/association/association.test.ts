// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { boardLimits } from "../../../src/cosem/limits.js";
import { type FakeMeter, fakeMeter, serverTitle } from "../support/fake-application.js";
import { fromHex, hex, vectorCases } from "../support/hex.js";
import { TestClient, tlv } from "../support/test-client.js";

const apdu = new Map(vectorCases("dlms-apdu").map((vector) => [vector.id, vector.hex]));

/** Result and diagnostic of an AARE, as text; another answer as it is. */
function verdict(aare: string): string {
	const match = /^61.{2,6}a1090607608574050801..a2030201(..)a305a1030201(..)(.*)$/.exec(aare);
	if (match === null) return aare;
	const error = /be0604040e0106(..)$/.exec(match[3]!);
	return `${Number.parseInt(match[1]!, 16)}/${Number.parseInt(match[2]!, 16)}${error === null ? "" : ` initiate ${Number(error[1])}`}`;
}

const plainInitiate = (conformance = "007e1f", pdu = "04b0", version = "06"): string =>
	`01000000${version}5f1f0400${conformance}${pdu}`;

describe("association", () => {
	let meter: FakeMeter;

	beforeEach(() => {
		meter = fakeMeter();
	});

	const client = (sap: number, port: "tcp" | "udp" | "optical" | "rs485" = "tcp"): TestClient =>
		new TestClient(meter.server, sap, port);

	it("accepts the public client with the AARQ of the example", () => {
		const answer = client(16).send(apdu.get("aarq-1")!);
		// conformance: 007E1F of the example and 001214 of the client
		assert.equal(
			answer,
			"6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f04000012141000 0007".replace(" ", ""),
		);
	});

	it("challenges an HLS client with 32 octets, its system title and a ciphered initiate response", () => {
		const management = client(1);
		const aare = management.send(management.aarq());
		assert.equal(verdict(aare), "0/14");
		assert.match(aare, new RegExp(`a40a0408${hex(serverTitle)}880207808907608574050802 05aa228020`.replace(" ", "")));
		const information = aare.slice(aare.lastIndexOf("be") + 8);
		assert.match(information, /^281f30/);
		const { plain } = management.unprotect(information);
		assert.equal(plain, "0800065f1f040060 7e5d 1000 0007".replaceAll(" ", ""));
	});

	it("associates each client on its ports, and on no other", () => {
		const ports = ["tcp", "udp", "optical", "rs485"] as const;
		const allowed: Record<number, readonly string[]> = {
			16: ["tcp", "optical", "rs485"],
			1: ["tcp", "optical", "rs485"],
			2: ["tcp", "optical", "rs485"],
			3: ["optical", "rs485"],
			103: ["optical"],
			4: [],
			102: [],
			0: [],
			77: [],
		};
		for (const [sap, list] of Object.entries(allowed)) {
			for (const port of ports) {
				const one = new TestClient(fakeMeter().server, Number(sap), port);
				assert.equal(one.server.isKnown(one.link, one.sap, 1), list.includes(port), `${sap} ${port}`);
				assert.equal(one.server.isHeard(one.link, one.sap, 1), sap !== "102", `${sap} ${port}`);
				assert.ok(!one.server.isHeard(one.link, one.sap, 2));
				if (list.includes(port)) one.connect();
				else if (port === "udp" || sap === "102") assert.equal(one.send(one.aarq()), "", `${sap} ${port}`);
				else assert.equal(verdict(one.send(one.aarq())), "1/13", `${sap} ${port}`);
			}
		}
	});

	it("grants each client its own conformance", () => {
		for (const [sap, expected] of [
			[16, "001214"],
			[1, "607e5d"],
			[2, "607255"],
			[3, "607e1d"],
			[103, "401015"],
		] as const) {
			const one = client(sap, "optical").connect();
			const answer = one.get(15, "0000280000ff", 5);
			assert.equal(answer.slice(0, 24), `c401c100020604 18${expected} 12`.replaceAll(" ", ""), String(sap));
		}
	});

	it("refuses another application context with diagnostic 2", () => {
		assert.equal(verdict(client(1).send(client(1).aarq({ context: 1 }))), "1/2");
		for (const context of [2, 3, 4, 9]) assert.equal(verdict(client(16).send(client(16).aarq({ context }))), "1/2");
		const foreign = client(16).aarq().replace("60857405080101", "60857405090101");
		assert.equal(verdict(client(16).send(foreign)), "1/2");
	});

	it("gives one answer for an unknown client, a client on a wrong port and a wrong key (SEC-err)", () => {
		const wrongKey = client(1);
		wrongKey.encryptionKey = new Uint8Array(16);
		const unknown = client(9);
		const wrongPort = client(3);
		const answers = [wrongKey, unknown, wrongPort].map((one) =>
			one.send(one.aarq({ mechanism: 5, value: one.challenge })),
		);
		assert.equal(answers[0], "6117a109060760857405080103a203020101a305a10302010d");
		assert.deepEqual(new Set(answers).size, 1);
		const plain = client(9);
		assert.equal(plain.send(plain.aarq({ context: 1, title: null, mechanism: null, value: null })), apdu.get("aare-4"));
	});

	it("refuses a client system title that is missing, too short or the meter's own with diagnostic 3 (SEC-title)", () => {
		for (const title of [null, "", "4d4d4d00000001", "4d4d4d000000000102", hex(serverTitle)]) {
			assert.equal(verdict(client(1).send(client(1).aarq({ title }))), "1/3");
		}
	});

	it("refuses every mechanism but the client's own with diagnostic 11 (SEC-down)", () => {
		for (const mechanism of [0, 1, 2, 3, 4, 6, 7, 99]) {
			assert.equal(verdict(client(1).send(client(1).aarq({ mechanism }))), "1/11", String(mechanism));
		}
		for (const mechanism of [1, 5, 7]) {
			assert.equal(verdict(client(16).send(client(16).aarq({ mechanism, value: "3132333435363738" }))), "1/11");
		}
		assert.equal(verdict(client(16).send(client(16).aarq({ mechanism: 0 }))), "0/0");
	});

	it("asks for a missing authentication part with diagnostics 12 and 14", () => {
		assert.equal(verdict(client(1).send(client(1).aarq({ mechanism: null }))), "1/12");
		assert.equal(verdict(client(1).send(client(1).aarq({ mechanism: null, value: null }))), "1/14");
		assert.equal(verdict(client(1).send(client(1).aarq({ value: null }))), "1/14");
	});

	it("says which initiate parameter cannot be met", () => {
		for (const [information, expected] of [
			[plainInitiate("007e1f", "04b0", "05"), "1/1 initiate 1"],
			[plainInitiate("000001"), "1/1 initiate 2"],
			[plainInitiate("007e1f", "000b"), "1/1 initiate 3"],
			[plainInitiate("007e1f", "0001"), "1/1 initiate 3"],
			[plainInitiate("007e1f", "000c"), "0/0"],
			[plainInitiate("007e1f", "0000"), "0/0"],
		] as const) {
			const one = client(16);
			assert.equal(verdict(one.send(one.aarq({ information }))), expected, information);
		}
		const short = client(1);
		short.pdu = 30; // not enough for header, tag and one octet
		assert.equal(verdict(short.send(short.aarq())), "1/1 initiate 3");
	});

	it("answers an AARQ that cannot be parsed with exception 1/3", () => {
		for (const text of [
			"6000",
			"60",
			"601da1",
			apdu.get("aarq-1")!.slice(0, 40),
			client(16).aarq({ information: "0102" }),
		]) {
			assert.equal(client(16).send(text), "d80103", text);
		}
	});

	it("rejects for the time being when no association is free", () => {
		meter = fakeMeter({ limits: boardLimits });
		const clients = Array.from({ length: boardLimits.associations }, () => client(16).connect());
		meter.server.close(clients[5]!.link);
		client(16).connect();
		const link = clients[0]!.link;
		const reader = new TestClient(meter.server, 2, "tcp", link);
		assert.equal(verdict(reader.send(reader.aarq())), "2/1");
		assert.equal(meter.server.open({ port: "tcp", name: "one more" }), -1);
		meter.server.close(clients[1]!.link);
		reader.connect();
	});

	it("ends the old association with a second AARQ of the same client (SEC-bind)", () => {
		const management = client(1).connect();
		assert.equal(management.get(8, "0000010000ff", 3), "c401c10010003c");
		management.takeChallenge(management.send(management.aarq()));
		assert.equal(management.get(8, "0000010000ff", 3), "d80101"); // pending: nothing but pass 3
		assert.match(management.ask(management.reply()), /^c701c10001/);
		assert.equal(management.get(8, "0000010000ff", 3), "c401c10010003c");
		management.send(management.aarq({ mechanism: 7 }));
		assert.equal(management.get(8, "0000010000ff", 3), "d80101"); // refused, and the old one is gone
	});

	it("keeps clients on one link, and links of one client, apart (SEC-bind)", () => {
		const management = client(1);
		const reader = new TestClient(meter.server, 2, "tcp", management.link);
		management.connect();
		assert.equal(reader.get(8, "0000010000ff", 3), "d80101");
		reader.connect();
		const other = client(1);
		other.counter = 100;
		assert.equal(other.get(8, "0000010000ff", 3), "d80101");
		other.connect();
		assert.equal(management.get(8, "0000010000ff", 3).slice(0, 2), "d8"); // counter 4 after 102
		management.counter = 200;
		assert.equal(management.get(8, "0000010000ff", 3), "c401c10010003c");
		meter.server.abort(management.link, 1);
		assert.equal(management.get(8, "0000010000ff", 3), "d80101");
		assert.equal(reader.get(8, "0000010000ff", 3), "c401c10010003c");
		other.counter = 300;
		assert.equal(other.get(8, "0000010000ff", 3), "c401c10010003c");
		meter.server.abort(other.link);
		assert.equal(other.get(8, "0000010000ff", 3), "d80101");
	});

	it("serves only the server SAP of its logical device", () => {
		const one = client(16);
		one.serverSap = 2;
		assert.equal(verdict(one.send(one.aarq())), "1/13");
		for (const sap of [0, 0xffff]) {
			one.serverSap = sap;
			assert.equal(one.send(one.aarq()), "");
		}
	});

	it("answers a release with the same reason, and serves nothing after it (SEC-open)", () => {
		const one = client(16).connect();
		assert.equal(one.send(apdu.get("rlrq-1")!), apdu.get("rlre-1"));
		assert.equal(one.get(8, "0000010000ff", 3), "d80101");
		one.connect();
		assert.equal(one.send("6203800101"), "6303800101");
		assert.equal(one.send(apdu.get("rlrq-1")!), "d80101");
	});

	it("releases a ciphered association without protection too, as closing the link would", () => {
		const management = client(1).connect();
		assert.equal(management.send("6203800100"), "6303800100");
		assert.equal(management.get(8, "0000010000ff", 3), "d80101");
	});

	it("refuses a release whose protection is wrong", () => {
		const management = client(1).connect();
		const attacker = new TestClient(meter.server, 1, "tcp", management.link);
		attacker.encryptionKey = new Uint8Array(16);
		attacker.counter = 500;
		const release = (one: TestClient): string => one.send(tlv("62", `800100${tlv("be", tlv("04", one.initiate()))}`));
		assert.equal(release(attacker), "d80105");
		assert.equal(management.get(8, "0000010000ff", 3), "c401c10010003c");
		const answer = release(management);
		assert.match(answer, /^63..800100be..04..28/);
		assert.match(management.unprotect(answer.slice(answer.indexOf("be") + 8)).plain, /^0800065f1f0400607e5d/);
		assert.equal(management.get(8, "0000010000ff", 3), "d80101");
		const local = client(1, "optical");
		local.counter = 600;
		local.connect();
		assert.equal(local.send("6203800100"), "6303800100");
	});

	it("gives up a handshake after 30 s (SEC-chal)", () => {
		const management = client(1);
		management.takeChallenge(management.send(management.aarq()));
		assert.equal(meter.server.nextDeadline_ms, 31_000);
		meter.bench.now_ms = 30_999;
		meter.server.advance(30_999);
		assert.equal(meter.server.nextDeadline_ms, 31_000);
		meter.bench.now_ms = 31_000;
		assert.equal(management.ask(management.reply()), "d80101");
		assert.equal(meter.server.nextDeadline_ms, Infinity);
	});

	it("serves nothing but pass 3 before pass 4 (SEC-chal)", () => {
		const management = client(1);
		management.takeChallenge(management.send(management.aarq()));
		for (const request of [apdu.get("get-1")!, apdu.get("set-1")!, apdu.get("act-1")!, "c002c100000001"]) {
			assert.equal(management.ask(request), "d80101", request);
		}
		const answer = management.ask(management.reply());
		assert.match(answer, /^c701c1000100091110/);
		assert.equal(management.ask(management.reply()), "c701c10d00"); // once only
		assert.equal(management.get(8, "0000010000ff", 3), "c401c10010003c");
	});

	it("ends the association when pass 3 is wrong", () => {
		const wrong: [string, (one: TestClient) => string][] = [
			["challenge", (one) => one.reply(new Uint8Array(32))],
			["reflected challenge", (one) => one.reply(fromHex(one.challenge))],
			["length", () => "c301c1000f0000280000ff01010903010203"],
			["type", () => "c301c1000f0000280000ff0101120001"],
			["missing", () => "c301c1000f0000280000ff0100"],
			["security control", (one) => one.reply().replace("091110", "091130")],
			["counter", (one) => one.reply().replace(/0911 ?10......../, "091110 00000001".replace(" ", ""))],
		];
		for (const [name, request] of wrong) {
			meter = fakeMeter();
			const management = client(1);
			management.takeChallenge(management.send(management.aarq()));
			const answer = management.ask(request(management));
			assert.match(answer, /^c701c1(fa|0c)00$/, name);
			assert.equal(management.ask(management.reply()), "d80101", name);
		}
	});

	it("takes client challenges of 8 to 64 octets and no others (SEC-chal)", () => {
		for (const [length, expected] of [
			[0, "1/13"],
			[7, "1/13"],
			[8, "0/14"],
			[64, "0/14"],
			[65, "1/13"],
		] as const) {
			const one = new TestClient(fakeMeter().server, 1);
			one.challenge = "5a".repeat(length);
			assert.equal(verdict(one.send(one.aarq())), expected, String(length));
		}
	});

	it("never challenges twice with the same octets, and takes none of its own back (SEC-chal)", () => {
		const seen = new Set<string>();
		const management = client(1);
		for (let n = 0; n < 20; n++) {
			management.takeChallenge(management.send(management.aarq()));
			seen.add(hex(management.serverChallenge));
		}
		assert.equal(seen.size, 20);
		const attacker = client(1);
		attacker.counter = 1000;
		attacker.challenge = hex(management.serverChallenge);
		assert.equal(verdict(attacker.send(attacker.aarq())), "1/13");
	});

	it("shows each client its own association at 0-0:40.0.0", () => {
		const reader = client(2).connect();
		assert.equal(reader.get(15, "0000280000ff", 3), "c401c10002020f02120001");
		assert.equal(reader.get(15, "0000280000ff", 4), "c401c100020711021110120 2f4110511081101 1103".replaceAll(" ", ""));
		assert.equal(reader.get(15, "0000280000ff", 6), "c401c100020711021110120 2f4110511081102 1105".replaceAll(" ", ""));
		assert.equal(reader.get(15, "0000280000ff", 8), "c401c1001602");
		assert.equal(reader.get(15, "0000280000ff", 9), "c401c10009060000 2b0003ff".replaceAll(" ", ""));
		assert.equal(reader.get(15, "0000280000ff", 1), "c401c10009060000280000ff");
		assert.equal(reader.get(15, "0000280000ff", 11), "c401c100020211000a00");
		assert.equal(reader.get(15, "0000280001ff", 8), "c401c10104"); // not in its list
		const management = client(1);
		management.takeChallenge(management.send(management.aarq()));
		management.ask(management.reply());
		assert.equal(management.get(15, "0000280004ff", 8), "c401c1001602"); // the reader's, associated
		assert.equal(management.get(15, "0000280006ff", 8), "c401c1001600"); // the consumer's, not
	});

	it("never gives a secret (SEC-store)", () => {
		const management = client(1).connect();
		assert.equal(management.get(15, "0000280000ff", 7), "c401c10103");
		assert.equal(management.get(15, "0000280004ff", 7), "c401c10103");
		const list = management.get(15, "0000280000ff", 2);
		assert.match(list, /02030f0716020002030f08/); // attribute 7: write only
		assert.equal(management.ask("c101c1000f0000280004ff07000908 6162636465666768".replace(" ", "")), "c501c100");
		assert.equal(hex(meter.application.security.setup(3).secret), "6162636465666768");
		assert.equal(management.ask("c101c1000f0000280004ff0700090361 6263".replace(" ", "")), "c501c1fa");
		assert.equal(management.ask("c101c1000f0000280004ff0700120001"), "c501c10c");
	});
});
