// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {
	type AssociationRequest,
	conformance,
	decodeAare,
	decodeConfirmedServiceError,
	decodeRlre,
	encodeAarq,
	encodeInitiateRequest,
	encodeRlrq,
	type InitiateRequest,
} from "../support/client/acse.js";
import { concat, fromAscii, fromHex, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { data, ref } from "../support/client/data.js";
import { openTcp } from "../support/client/duplex.js";
import { AssociationRefusedError } from "../support/client/errors.js";
import { type ClientSecurity, SecureSession, seal } from "../support/client/security.js";
import {
	type Block,
	decodeResponse,
	encodeAction,
	encodeActionBlock,
	encodeActionNext,
	encodeGet,
	encodeGetNext,
	encodeSet,
	encodeSetBlock,
	encodeSetFirst,
	type Invocation,
} from "../support/client/services.js";
import { clientSap, clientTitle, lowLevelPassword, testSecurity } from "../support/client/test-client.js";
import { encodeWrapper, takeWrapper } from "../support/client/wrapper.js";
import { RunningMeter } from "../support/running-meter.js";

const clock = { ref: ref(8, "0-0:1.0.0.255"), attribute: 2 };
const objectList = { ref: ref(15, "0-0:40.0.0.255"), attribute: 2 };
const deviceId = { ref: ref(1, "0-0:96.1.1.255"), attribute: 2 };
const supplySwitch = ref(70, "0-0:96.3.10.255");
const loadProfile = ref(7, "1-0:99.1.0.255");
const silence = "no answer";
const challenge = fromAscii("a challenge of 24 octets");

/** An answer as the tables of the specification put it. */
function tell(apdu: Uint8Array): string {
	switch (apdu[0]) {
		case 0x61: {
			const { result: code, diagnostic, userInformation } = decodeAare(apdu);
			const isError = userInformation?.[0] === 0x0e;
			const { group, error } = isError ? decodeConfirmedServiceError(userInformation) : { group: 0, error: 0 };
			return `AARE ${code}/${diagnostic}${isError ? ` initiate ${group}/${error}` : ""}`;
		}
		case 0x63:
			return `RLRE ${decodeRlre(apdu).reason}`;
		case 0xd8:
			return `exception ${apdu[1]}/${apdu[2]}${apdu.length > 3 ? ` ${Number.parseInt(toHex(apdu.subarray(3)), 16)}` : ""}`;
		default:
			return tellResponse(apdu);
	}
}

function tellResponse(apdu: Uint8Array): string {
	const response = decodeResponse(apdu);
	switch (response.kind) {
		case "get":
		case "action":
			return `result ${response.value.result}`;
		case "getBlock":
			return response.block === undefined ? `result ${response.result}` : `block ${response.block.number}`;
		case "set":
		case "setLast":
			return `result ${response.result}`;
		default:
			return response.kind;
	}
}

/** What a row sends; the last answer counts. */
type Provocation = (meter: RunningMeter) => Promise<string>;

interface Row {
	readonly clause: string;
	readonly situation: string;
	readonly provoke: Provocation;
	readonly answer: string;
}

/** A link without an association. */
async function openLink(meter: RunningMeter, sap: number): Promise<DlmsClient> {
	return DlmsClient.overWrapper(await openTcp({ port: meter.simulator.tcp }), { clientSap: sap });
}

/** Sends APDUs as they are over one connection and tells what is answered to the last. */
function raw(sap: number, ...apdus: readonly (Uint8Array | ((meter: RunningMeter) => Uint8Array))[]): Provocation {
	return async (meter) => {
		const client = await openLink(meter, sap);
		try {
			let answer = "";
			for (const apdu of apdus) answer = tell(await client.sendRaw(apdu instanceof Uint8Array ? apdu : apdu(meter)));
			return answer;
		} finally {
			await client.association.link.close();
		}
	};
}

/** An AARQ of the public client, changed. */
function publicAarq(changed: Partial<AssociationRequest> = {}, initiate: Partial<InitiateRequest> = {}): Uint8Array {
	const userInformation = encodeInitiateRequest({ conformance: 0x00_1214, maximumPduSize: 1024, ...initiate });
	return encodeAarq({ context: 1, userInformation, ...changed });
}

/** One of a client with HLS 5, changed. */
function securedAarq(
	changed: Partial<AssociationRequest> = {},
	initiate: Partial<InitiateRequest> = {},
	security: Partial<ClientSecurity> = {},
	name: "management" | "reader" = "management",
): (meter: RunningMeter) => Uint8Array {
	return (meter) => {
		const plain = encodeInitiateRequest({ conformance: 0x60_7edf, maximumPduSize: 1024, ...initiate });
		const session = new SecureSession({ ...meter.security(name)!, ...security });
		return encodeAarq({
			context: 3,
			systemTitle: clientTitle,
			mechanism: 5,
			authenticationValue: challenge,
			userInformation: session.protect(plain),
			...changed,
		});
	};
}

/** Plain requests of an associated client, protected as agreed; what is answered to the last. */
function asked(
	name: "management" | "public" | "reader",
	requests: (client: DlmsClient, meter: RunningMeter) => readonly Uint8Array[],
	choice: { readonly maximumPduSize?: number; readonly conformance?: number } = {},
): Provocation {
	return (meter) =>
		meter.with(
			name,
			async (client) => {
				let answer = "";
				for (const request of requests(client, meter)) {
					await client.association.send(request);
					const bytes = await client.association.receiveRaw();
					answer = tell(bytes[0] === 0xd8 ? bytes : (client.association.session?.unprotect(bytes) ?? bytes));
				}
				return answer;
			},
			"wrapper",
			choice,
		);
}

/** What an associated management client sends as it is. */
function sent(apdu: (session: SecureSession) => Uint8Array): Provocation {
	return (meter) =>
		meter.with("management", async (client) => tell(await client.sendRaw(apdu(client.association.session!))));
}

/** Nothing comes for a request, but for the clock that is read behind it. */
function unanswered(name: "management" | "public", request: Uint8Array): Provocation {
	return (meter) =>
		meter.with(name, async (client) => {
			await client.association.send(request);
			const { invocation } = decodeResponse(await client.association.exchange(encodeGet({ id: 9 }, clock)));
			return (invocation & 0x0f) === 9 ? silence : `answer to ${invocation}`;
		});
}

const id = (number: number): Invocation => ({ id: number });
const get = (number = 1): Uint8Array => encodeGet(id(number), clock);
const unconfirmed: Invocation = { id: 3, isConfirmed: false };
const block = (number: number, isLast: boolean, size = 4): Block => ({ number, isLast, raw: new Uint8Array(size) });
const inBlocks = { maximumPduSize: 128 };
const withoutSelection = { conformance: conformance("get", "blockTransferWithGet") };

const associations: readonly Row[] = [
	["unknown context", raw(16, publicAarq({ context: 9 })), "AARE 1/2"],
	["context with ciphering for the public client", raw(16, publicAarq({ context: 3 })), "AARE 1/2"],
	["context without ciphering for management", raw(1, securedAarq({ context: 1 })), "AARE 1/2"],
	["client SAP unknown", raw(77, publicAarq()), "AARE 1/13"],
	["client SAP 0", raw(0, publicAarq()), "AARE 1/13"],
	["client not allowed on this port", raw(clientSap.technician, securedAarq()), "AARE 1/13"],
	["metrology client from afar", raw(clientSap.metrology, securedAarq()), "AARE 1/13"],
	["system title missing", raw(1, securedAarq({ systemTitle: undefined })), "AARE 1/3"],
	["system title of wrong length", raw(1, securedAarq({ systemTitle: clientTitle.slice(1) })), "AARE 1/3"],
	[
		"system title is our own",
		raw(1, (meter) => securedAarq({ systemTitle: fromHex(meter.simulator.systemTitle) })(meter)),
		"AARE 1/3",
	],
	["mechanism unknown", raw(1, securedAarq({ mechanism: 9 })), "AARE 1/11"],
	["mechanism not the configured one", raw(1, securedAarq({ mechanism: 1 })), "AARE 1/11"],
	[
		"a mechanism where there is none",
		raw(16, publicAarq({ mechanism: 5, authenticationValue: challenge })),
		"AARE 1/11",
	],
	["mechanism name missing", raw(1, securedAarq({ mechanism: undefined })), "AARE 1/12"],
	["authentication value missing", raw(1, securedAarq({ authenticationValue: undefined })), "AARE 1/14"],
	[
		"authentication part missing",
		raw(1, securedAarq({ mechanism: undefined, authenticationValue: undefined })),
		"AARE 1/14",
	],
	["HLS accepted so far", raw(1, securedAarq()), "AARE 0/14"],
	["DLMS version 5", raw(16, publicAarq({}, { dlmsVersion: 5 })), "AARE 1/1 initiate 6/1"],
	["no common conformance", raw(16, publicAarq({}, { conformance: 1 })), "AARE 1/1 initiate 6/2"],
	["PDU size 11", raw(16, publicAarq({}, { maximumPduSize: 11 })), "AARE 1/1 initiate 6/3"],
	["the same, ciphered", raw(1, securedAarq({}, { dlmsVersion: 5 })), "AARE 1/1 initiate 6/1"],
	[
		"InitiateRequest under a wrong key",
		raw(1, securedAarq({}, {}, { unicastKey: challenge.slice(0, 16) })),
		"AARE 1/13",
	],
	[
		"InitiateRequest plain",
		raw(1, securedAarq({ userInformation: fromHex("01000000065f1f04007e1f04b0") })),
		"AARE 1/13",
	],
	["challenge of 7 octets", raw(1, securedAarq({ authenticationValue: challenge.slice(0, 7) })), "AARE 1/13"],
	[
		"second AARQ: the old association is gone",
		raw(16, publicAarq(), securedAarq({ context: 1 }), get()),
		"exception 1/1",
	],
	["second AARQ: the new one is served", raw(16, publicAarq(), publicAarq(), get()), "result 0"],
	["release with its reason", raw(16, publicAarq(), encodeRlrq(30)), "RLRE 30"],
	[
		"ciphered release with a wrong tag",
		sent((session) => {
			const information = session.protect(encodeInitiateRequest({ conformance: 0, maximumPduSize: 0 }));
			information[information.length - 1]! ^= 1;
			return encodeRlrq(0, information);
		}),
		"exception 1/5",
	],
	[
		"before pass 4 only pass 3",
		raw(1, securedAarq(), (m) => new SecureSession(m.security("management")!).protect(get())),
		"exception 1/1",
	],
].map(([situation, provoke, answer]) => ({ clause: "1.2", situation, provoke, answer }) as Row);

const services: readonly Row[] = [
	["2.1", "unconfirmed GET", unanswered("public", encodeGet(unconfirmed, clock)), silence],
	[
		"2.1",
		"unconfirmed SET",
		unanswered("management", encodeSet(unconfirmed, deviceId, data.octetString("x"))),
		silence,
	],
	[
		"2.1",
		"unconfirmed SET without the right",
		unanswered("management", encodeSet(unconfirmed, { ...clock, attribute: 4 }, data.nullData())),
		silence,
	],
	[
		"2.1",
		"unconfirmed ACTION of no object",
		unanswered("management", encodeAction(unconfirmed, { ref: ref(9, "0-0:1.2.3.4"), method: 1 })),
		silence,
	],
	[
		"2.3",
		"wrong block number",
		asked("management", () => [encodeGet(id(1), objectList), encodeGetNext(id(1), 7)], inBlocks),
		"result 19",
	],
	[
		"2.3",
		"the transfer is over after it",
		asked(
			"management",
			() => [encodeGet(id(1), objectList), encodeGetNext(id(1), 7), encodeGetNext(id(1), 1)],
			inBlocks,
		),
		"result 16",
	],
	["2.3", "next without a transfer", asked("management", () => [encodeGetNext(id(1), 1)]), "result 16"],
	[
		"2.3",
		"next after another request",
		asked("management", () => [encodeGet(id(1), objectList), get(), encodeGetNext(id(1), 1)], inBlocks),
		"result 16",
	],
	["2.3", "SET: block never begun", asked("management", () => [encodeSetBlock(id(1), block(2, true))]), "result 18"],
	[
		"2.3",
		"SET: wrong block number",
		asked("management", () => [
			encodeSetFirst(id(1), deviceId, block(1, false)),
			encodeSetBlock(id(1), block(3, true)),
		]),
		"result 19",
	],
	[
		"2.3",
		"SET: more than 64 kB",
		asked("management", () => [
			encodeSetFirst(id(1), deviceId, block(1, false, 3900)),
			...Array.from({ length: 17 }, (_, n) => encodeSetBlock(id(1), block(n + 2, false, 3900))).slice(0, 16),
		]),
		"result 17",
	],
	[
		"2.3",
		"ACTION: block never begun",
		asked("management", () => [encodeActionBlock(id(1), block(2, true))]),
		"result 16",
	],
	["2.3", "ACTION: next without a transfer", asked("management", () => [encodeActionNext(id(1), 1)]), "result 16"],
	[
		"2.5",
		"unknown selector",
		asked("management", () => [
			encodeGet(id(1), { ref: loadProfile, attribute: 2, selection: { selector: 9, parameters: data.nullData() } }),
		]),
		"result 13",
	],
	[
		"2.5",
		"malformed descriptor",
		asked("management", () => [
			encodeGet(id(1), { ref: loadProfile, attribute: 2, selection: { selector: 2, parameters: data.unsigned(1) } }),
		]),
		"result 12",
	],
	[
		"2.5",
		"selector without selective access",
		asked(
			"management",
			() => [
				encodeGet(id(1), { ref: loadProfile, attribute: 2, selection: { selector: 2, parameters: data.nullData() } }),
			],
			withoutSelection,
		),
		"result 13",
	],
	[
		"2.8",
		"temporary-failure: switch operating",
		asked("management", () => [
			encodeAction(id(1), { ref: supplySwitch, method: 1 }, data.integer(0)),
			encodeAction(id(2), { ref: supplySwitch, method: 2 }, data.integer(0)),
		]),
		"result 2",
	],
	[
		"2.8",
		"read-write-denied",
		asked("management", () => [encodeSet(id(1), { ...clock, attribute: 4 }, data.unsigned(0))]),
		"result 3",
	],
	["2.8", "object-undefined", asked("public", () => [encodeGet(id(1), deviceId)]), "result 4"],
	[
		"2.8",
		"object-class-inconsistent",
		asked("management", () => [encodeGet(id(1), { ref: ref(3, "0-0:1.0.0.255"), attribute: 2 })]),
		"result 9",
	],
	[
		"2.8",
		"object-unavailable",
		asked("management", () => [encodeGet(id(1), { ...clock, attribute: 10 })]),
		"result 11",
	],
	[
		"2.8",
		"object-unavailable: method",
		asked("management", () => [encodeAction(id(1), { ref: clock.ref, method: 7 }, data.integer(0))]),
		"result 11",
	],
	["2.8", "type-unmatched", asked("management", () => [encodeSet(id(1), deviceId, data.unsigned(0))]), "result 12"],
	[
		"2.8",
		"scope-of-access-violated",
		asked("management", () => [
			encodeGet(id(1), { ...clock, selection: { selector: 1, parameters: data.nullData() } }),
		]),
		"result 13",
	],
	[
		"2.8",
		"other-reason",
		asked("management", () => [encodeSet(id(1), deviceId, data.octetString("x".repeat(49)))]),
		"result 250",
	],
	["2.8", "service before association", raw(16, get()), "exception 1/1"],
	["2.8", "service after release", raw(16, publicAarq(), encodeRlrq(0), get()), "exception 1/1"],
	["2.8", "release without association", raw(16, encodeRlrq(0)), "exception 1/1"],
	["2.8", "unknown tag", raw(16, publicAarq(), fromHex("7f0102")), "exception 2/2"],
	[
		"2.8",
		"known service, not negotiated",
		raw(16, publicAarq(), encodeSet(id(1), clock, data.nullData())),
		"exception 1/2",
	],
	[
		"2.8",
		"ACCESS, not negotiated",
		raw(16, publicAarq(), fromHex("d9400000010001010007000028000 0ff0201 00".replaceAll(" ", ""))),
		"exception 1/2",
	],
	[
		"2.8",
		"general block, not negotiated",
		raw(16, publicAarq(), concat(fromHex("e08000010000"), 13, get())),
		"exception 1/2",
	],
	["2.8", "request that cannot be parsed", raw(16, publicAarq(), get().slice(0, -1)), "exception 1/3"],
	["2.8", "request with octets behind it", raw(16, publicAarq(), concat(get(), 0)), "exception 1/3"],
	["2.8", "AARQ that cannot be parsed", raw(16, publicAarq().slice(0, -1)), "exception 1/3"],
	["2.8", "tag check failed", sent((session) => damaged(session.protect(get()))), "exception 1/5"],
	["2.8", "plain in a ciphered association", sent(() => get()), "exception 1/5"],
	["2.8", "authenticated only", sent((session) => weak(session, 0x10)), "exception 1/5"],
	["2.8", "encrypted only", sent((session) => weak(session, 0x20)), "exception 1/5"],
	["2.8", "another suite", sent((session) => weak(session, 0x31)), "exception 1/5"],
	[
		"2.8",
		"wrong system title",
		sent((session) => concat(0xdb, 8, fromAscii("XXXXXXXX"), 29, seal(get(), session.nextInput()))),
		"exception 1/5",
	],
].map(([clause, situation, provoke, answer]) => ({ clause, situation, provoke, answer }) as Row);

function damaged(apdu: Uint8Array): Uint8Array {
	apdu[apdu.length - 1]! ^= 1;
	return apdu;
}

function weak(session: SecureSession, control: number): Uint8Array {
	return new SecureSession({ ...session.security, control }).protect(get());
}

describe("negative answers", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, mechanisms: { technician: 1 } });
	});
	after(() => meter.close());
	// a lock-out of the row before is over, and the switch may operate
	afterEach(() => meter.simulator.pacer.step(400_000));

	for (const { clause, situation, provoke, answer } of [...associations, ...services])
		it(`F142: cosem-server ${clause}, ${situation}: ${answer}`, async () => {
			assert.equal(await provoke(meter), answer);
			// whatever it was, the next client is served
			assert.equal(await raw(16, publicAarq(), get())(meter), "result 0");
		});

	it("F142: cosem-server 1.2, wrong password: AARE 1/13, like an unknown client", async () => {
		const optical = { port: meter.simulator.optical, signOn: "direct" as const, clientSap: clientSap.technician };
		const security = testSecurity();
		const client = await DlmsClient.connectOptical({
			...optical,
			mechanism: 1,
			security,
			password: fromAscii("12345679"),
		});
		const right = { ...optical, mechanism: 1, security, password: lowLevelPassword };
		try {
			await assert.rejects(client.associate(), (error) => tellRefusal(error) === "AARE 1/13");
		} finally {
			await client.association.link.close();
		}
		const other = await DlmsClient.connectOptical(right);
		await other.associate();
		await other.close();
	});

	it("F142 SEC-err: cosem-server 1.2, client unknown or not allowed on this port, over HDLC: AARE 1/13, as over TCP", async () => {
		const { optical, rs485 } = meter.simulator;
		const security = testSecurity();
		const lines = {
			optical: { port: optical, signOn: "direct" },
			rs485: { port: rs485!, signOn: "direct", device: meter.deviceAddress, addressSize: 4 },
		} as const;
		const tries = [
			["optical", 77],
			["optical", clientSap.metrology], // its seal is closed
			["rs485", clientSap.consumer],
		] as const;
		for (const [line, sap] of tries) {
			const client = await DlmsClient.connectOptical({ ...lines[line], clientSap: sap, mechanism: 5, security });
			try {
				await assert.rejects(client.associate(), (error) => tellRefusal(error) === "AARE 1/13", `${sap} on ${line}`);
			} finally {
				await client.association.link.close();
			}
		}
	});

	it("F142: cosem-server 1.2, port locked: AARE 2/1, for this client alone", async () => {
		const wrong = raw(2, securedAarq({}, {}, { unicastKey: challenge.slice(0, 16) }, "reader"));
		for (let n = 0; n < 3; n++) assert.equal(await wrong(meter), "AARE 1/13");
		assert.equal(await raw(2, securedAarq({}, {}, {}, "reader"))(meter), "AARE 2/1");
		assert.equal(await raw(1, securedAarq())(meter), "AARE 0/14");
	});

	it("F142: cosem-server 1.2, resources exhausted: AARE 2/1, until one is free", async () => {
		const links: DlmsClient[] = [];
		try {
			for (let n = 0; n < 64; n++) links.push(await openLink(meter, clientSap.public));
			const aarq = publicAarq();
			for (const link of links) assert.equal(tell(await link.sendRaw(aarq)), "AARE 0/0");
			const sendAs = async (link: DlmsClient, sap: number, apdu: Uint8Array): Promise<string> => {
				link.association.link.stream.write(encodeWrapper(sap, 1, apdu));
				return tell((await link.association.link.stream.take(takeWrapper)).apdu);
			};
			for (const link of links) assert.equal(await sendAs(link, 1, securedAarq()(meter)), "AARE 0/14");
			assert.equal(await sendAs(links[0]!, 2, securedAarq({}, {}, {}, "reader")(meter)), "AARE 2/1");
			assert.equal(tell(await links[1]!.sendRaw(encodeRlrq(0))), "RLRE 0");
			assert.equal(await sendAs(links[0]!, 2, securedAarq({}, {}, {}, "reader")(meter)), "AARE 0/14");
		} finally {
			await Promise.all(links.map((link) => link.association.link.close()));
		}
	});

	it("F142: cosem-server 1.2, user id unknown: AARE 1/13", async () => {
		const user = data.structure(data.unsigned(7), data.visibleString("seven"));
		const users = ref(15, "0-0:40.0.4.255");
		await meter.with("reader", async () => undefined); // no failure is left to be counted
		await meter.with("management", async (client) => {
			assert.equal((await client.action(users, 5, user)).result, 0);
		});
		assert.equal(await raw(2, securedAarq({ userId: 8 }, {}, {}, "reader"))(meter), "AARE 1/13");
		assert.equal(await raw(2, securedAarq({ userId: 7 }, {}, {}, "reader"))(meter), "AARE 0/14");
		await meter.with("management", async (client) => {
			assert.equal((await client.action(users, 6, user)).result, 0);
		});
	});

	it("F142: cosem-server 1.2, the connection ends: so do transfer and handshake", async () => {
		assert.equal(await raw(1, securedAarq())(meter), "AARE 0/14");
		const proof = (m: RunningMeter) => new SecureSession(m.security("management")!).protect(get());
		assert.equal(await raw(1, proof)(meter), "exception 1/1");
	});

	it("F142: cosem-server 2.3, idle transfer dropped after 120 s: result 16", async () => {
		await meter.with(
			"management",
			async (client) => {
				const { stream } = client.association.link;
				const ask = async (request: Uint8Array) => tell(await client.association.exchange(request));
				/** Time passes, and the line stays in use by another client. */
				const wait = async (seconds: number): Promise<void> => {
					meter.simulator.pacer.step(seconds * 1000);
					stream.write(encodeWrapper(clientSap.public, 1, publicAarq()));
					assert.equal(tell((await stream.take(takeWrapper)).apdu), "AARE 0/0");
				};
				assert.equal(await ask(encodeGet(id(1), objectList)), "block 1");
				await wait(60);
				await wait(59);
				assert.equal(await ask(encodeGetNext(id(1), 1)), "block 2");
				await wait(60);
				await wait(61);
				assert.equal(await ask(encodeGetNext(id(1), 2)), "result 16");
			},
			"wrapper",
			inBlocks,
		);
	});

	it("F142: cosem-server 2.8, APDU above server-max-receive-pdu-size: exception 1/4", async () => {
		assert.equal(await raw(16, publicAarq(), concat(get(), new Uint8Array(4096)))(meter), "exception 1/4");
	});

	it("F142: cosem-server 2.8, counter not above the last: exception 1/6 with the one that would be taken", async () => {
		await meter.with("management", async (client) => {
			const session = client.association.session!;
			const apdu = session.protect(get());
			assert.equal(tell(session.unprotect(await client.sendRaw(apdu))), "result 0");
			const expected = session.security.counter.next;
			assert.equal(tell(await client.sendRaw(apdu)), `exception 1/6 ${expected}`);
		});
	});

	it("F142: cosem-server 2.8, anything on a pre-established association: no answer", async () => {
		const client = await openLink(meter, clientSap.preEstablished);
		try {
			for (const apdu of [publicAarq(), get(), encodeRlrq(0), fromHex("7f"), securedAarq()(meter)])
				await client.association.sendRaw(apdu);
			// the public client on the same connection is answered, and nobody before it
			client.association.link.stream.write(encodeWrapper(clientSap.public, 1, publicAarq()));
			const unit = await client.association.link.stream.take(takeWrapper);
			assert.equal(unit.destination, clientSap.public);
			assert.equal(tell(unit.apdu), "AARE 0/0");
		} finally {
			await client.association.link.close();
		}
	});

	it("F142: cosem-server 2.1, requests of both priorities in one segment: each answered with its own, in order", async () => {
		const client = await openLink(meter, clientSap.public);
		try {
			assert.equal(tell(await client.sendRaw(publicAarq())), "AARE 0/0");
			const normal = encodeGet({ id: 1, isHighPriority: false }, clock);
			const high = encodeGet({ id: 2, isHighPriority: true }, clock);
			const { stream } = client.association.link;
			stream.write(concat(encodeWrapper(16, 1, normal), encodeWrapper(16, 1, high)));
			const invocations = [await stream.take(takeWrapper), await stream.take(takeWrapper)].map(({ apdu }) => apdu[2]);
			assert.deepEqual(invocations, [0x41, 0xc2]);
		} finally {
			await client.association.link.close();
		}
	});
});

function tellRefusal(error: unknown): string {
	if (error instanceof AssociationRefusedError) return `AARE ${error.response.result}/${error.response.diagnostic}`;
	return String(error);
}
