// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { NodeCipher } from "../../../hosts/simulator/cipher/node-cipher.js";
import { DeviceError } from "../../../src/core/device-error.js";
import { access } from "../../../src/cosem/access.js";
import type { Application } from "../../../src/cosem/application.js";
import { associationLn } from "../../../src/cosem/classes/association-ln.js";
import { securitySetup } from "../../../src/cosem/classes/security-setup.js";
import {
	decodeInteger,
	decodeLong,
	decodeOctetString,
	encodeDoubleLongUnsigned,
	encodeLong,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../../../src/cosem/codec/axdr.js";
import type { Writer } from "../../../src/cosem/codec/writer.js";
import { desktopLimits, type ServerLimits } from "../../../src/cosem/limits.js";
import { type Call, type CosemObject, defineClass, type ElementSource } from "../../../src/cosem/model.js";
import { object } from "../../../src/cosem/object.js";
import { indexObjects, ObjectDirectory } from "../../../src/cosem/object-directory.js";
import { dataAccessResult } from "../../../src/cosem/result.js";
import { rs485Role } from "../../../src/cosem/rs485-role.js";
import { PortProtection } from "../../../src/cosem/security/port-protection.js";
import { type FactorySecurity, SecurityState } from "../../../src/cosem/security/security-state.js";
import { UserLists } from "../../../src/cosem/security/user-lists.js";
import { CosemServer } from "../../../src/cosem/server.js";
import { st402d } from "../../../src/models/model.js";
import type { Random } from "../../../src/ports/random.js";
import type { RecordStore } from "../../../src/storage/record-store.js";
import { MemoryStore } from "../../support/stores.js";
import { fromHex } from "./hex.js";

/** Test keys, published on purpose. */
export const testKeys = {
	globalUnicastEncryptionKey: fromHex("000102030405060708090A0B0C0D0E0F"),
	globalBroadcastEncryptionKey: fromHex("0F0E0D0C0B0A09080706050403020100"),
	authenticationKey: fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
	masterKey: fromHex("00112233445566778899AABBCCDDEEFF"),
};

export const serverTitle = fromHex("53584667 70BC614E");

/** State behind the objects, for tests to set and look at. */
export class Bench {
	stored: Uint8Array = new Uint8Array(8).fill(0x31);
	timeZone = 60;
	shifts: number[] = [];
	sets = 0;
	rows = 5;
	/** Octets of content of row n: 4 + n % rowModulus. */
	rowModulus = 7;
	/** From this row on the medium refuses. */
	readableRows = Infinity;
	failing: "nothing" | "device" | "bug" = "nothing";
	energyRefuses = false;
	beforeResponses = 0;
	now_ms = 1000;
	events: [number, number][] = [];
}

const benchOf = (call: Call): Bench => (call.application as unknown as FakeApplication).bench;

const dataClass = defineClass<{ secret?: boolean }>({
	classId: 1,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			encode: (w, call) => encodeOctetString(w, benchOf(call).stored),
			set(r, call) {
				const value = decodeOctetString(r);
				if (value.length > 512) return dataAccessResult.otherReason;
				benchOf(call).stored = value.slice();
				benchOf(call).sets++;
				call.application.parameterChanged();
				return dataAccessResult.success;
			},
		},
	],
	methods: [],
});

const clockClass = defineClass<null>({
	classId: 8,
	version: 0,
	attributes: [
		{ id: 2, name: "time", encode: (w) => encodeOctetString(w, fromHex("07E8021D040C1E00FF800000")) },
		{
			id: 3,
			name: "timeZone",
			encode: (w, call) => encodeLong(w, benchOf(call).timeZone),
			set(r, call) {
				const value = decodeLong(r);
				if (value < -720 || value > 720) return dataAccessResult.otherReason;
				benchOf(call).timeZone = value;
				benchOf(call).sets++;
				return dataAccessResult.success;
			},
		},
		{ id: 4, name: "status", encode: (w) => encodeUnsigned(w, 0) },
	],
	methods: [
		{
			id: 6,
			name: "shiftTime",
			invoke(r, _w, call) {
				benchOf(call).shifts.push(decodeLong(r));
				return dataAccessResult.success;
			},
		},
	],
});

class Rows implements ElementSource {
	readonly count: number;
	readonly #bench: Bench;
	readonly #modulus: number;
	readonly #first: number;

	constructor(bench: Bench, first: number, last: number) {
		this.#bench = bench;
		this.count = Math.max(last - first + 1, 0);
		this.#first = first;
		this.#modulus = bench.rowModulus;
	}

	encodeElement(w: Writer, index: number): void {
		if (this.#first + index >= this.#bench.readableRows) throw new DeviceError("flash", "refused");
		encodeRow(w, this.#first + index, this.#modulus);
	}
}

/** Row `n` (0-based) of the profile: structure of its number and some octets. */
export function encodeRow(w: Writer, n: number, modulus: number): void {
	encodeStructure(w, 2);
	encodeDoubleLongUnsigned(w, n);
	encodeOctetString(w, new Uint8Array(4 + (n % modulus)).fill(n & 255));
}

const profileClass = defineClass<null>({
	classId: 7,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "buffer",
			selectors: [2],
			elements(call, _spec, selection) {
				const bench = benchOf(call);
				if (selection === undefined) return new Rows(bench, 0, bench.rows - 1);
				if (selection.selector !== 2) return dataAccessResult.scopeOfAccessViolated;
				const { parameters } = selection;
				// structure { from, to, … }
				if (parameters.u8() !== 2 || parameters.u8() !== 4 || parameters.u8() !== 6) {
					return dataAccessResult.typeUnmatched;
				}
				const from = parameters.u32();
				parameters.u8();
				return new Rows(bench, Math.max(from, 1) - 1, Math.min(parameters.u32(), bench.rows) - 1);
			},
		},
		{ id: 4, name: "capturePeriod", encode: (w) => encodeDoubleLongUnsigned(w, 900) },
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke: (r, _w) => (decodeInteger(r) === 0 ? dataAccessResult.success : dataAccessResult.otherReason),
		},
		{
			id: 2,
			name: "rows",
			/** All of them, or none where the parameter is not 0. */
			elements: (r, call) =>
				decodeInteger(r) === 0 ? new Rows(benchOf(call), 0, benchOf(call).rows - 1) : dataAccessResult.otherReason,
		},
	],
});

/** Answers what it is asked, for returned data of any length; and fails on demand. */
const echoClass = defineClass<null>({
	classId: 9999,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "failing",
			encode(w, call) {
				const { failing } = benchOf(call);
				if (failing === "device") throw new DeviceError("flash", "refused");
				if (failing === "bug") throw new TypeError("broken invariant");
				encodeUnsigned(w, 1);
			},
			set(_r, call) {
				const { failing } = benchOf(call);
				if (failing === "device") throw new DeviceError("flash", "refused");
				if (failing === "bug") throw new TypeError("broken invariant");
				return dataAccessResult.success;
			},
		},
		{ id: 3, name: "long", encode: (w) => encodeOctetString(w, new Uint8Array(3000).fill(0x5a)) },
	],
	methods: [
		{
			id: 1,
			name: "echo",
			invoke(r, w) {
				encodeOctetString(w, decodeOctetString(r));
				return dataAccessResult.success;
			},
		},
	],
});

const counterClass = defineClass<{ e: number }>({
	classId: 1,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "value",
			encode: (w, call, spec) => encodeDoubleLongUnsigned(w, call.application.security.invocationCounter(spec.e)),
		},
	],
	methods: [],
});

const staff = { management: "R*", reader: "R*", technician: "R*", consumer: "R*" };
const ownAssociation = access({
	public: "R2,3,4,5,6,8",
	management: "R2,3,4,5,6,8,9,10,11;W7,10;A1,2,5,6",
	reader: "R2,3,4,5,6,8,9,10,11;A1",
	technician: "R2,3,4,5,6,8,9,10,11;A1",
	consumer: "R2,3,4,5,6,8,9,10,11;A1",
});
const setupRights = { management: "R*;W3,4;A1,2,3,4,5,6,7,8" };

export const benchObjects: readonly CosemObject[] = [
	object(dataClass, "0-0:96.1.0.255", access({ public: "R*", ...staff }), {}),
	object(dataClass, "0-0:96.1.1.255", access({ ...staff, management: "R*;W2" }), {}),
	object(
		clockClass,
		"0-0:1.0.0.255",
		access({ public: "R*", ...staff, management: "R*;W2,3;A6", preEstablished: "W2,3;A6" }),
		null,
	),
	object(profileClass, "1-0:99.1.0.255", access({ ...staff, public: "R*", management: "R*;A1,2" }), null),
	object(echoClass, "0-0:96.99.0.255", access({ management: "R*;W2;A1", reader: "R*" }), null),
	object(associationLn, "0-0:40.0.0.255", ownAssociation, { association: 0 }),
	...[1, 2, 3, 4, 5, 6, 7].map((association) =>
		object(
			associationLn,
			`0-0:40.0.${association}.255`,
			access({
				management: "R2,3,4,5,6,8,9,10,11;W7,10;A2,5,6",
				...(association === 2 ? { public: "R2,3,4,5,6,8", management: "R2,3,4,5,6,8" } : {}),
				...(association === 4 ? { reader: "R2,3,4,5,6,8,9,10,11;A1" } : {}),
			}),
			{ association },
		),
	),
	object(securitySetup, "0-0:43.0.0.255", access({ ...setupRights, reader: "R*", technician: "R*" }), { setup: 0 }),
	...[1, 2, 3, 4, 5, 6].map((setup) => object(securitySetup, `0-0:43.0.${setup}.255`, access(setupRights), { setup })),
	...[0, 1, 2, 3, 4, 5, 6].map((e) =>
		object(counterClass, `0-0:43.1.${e}.255`, access({ public: "R*", ...staff }), { e }),
	),
];

const index = indexObjects([benchObjects]);

/** As much of an application as the server core needs. */
export class FakeApplication {
	readonly bench = new Bench();
	readonly portProtection: PortProtection;
	readonly model = st402d;
	readonly rs485Role = rs485Role.server;
	readonly identity = { systemTitle: serverTitle };
	readonly clock = { isValid: true, utc_s: (): number => 850_000_000 };
	readonly directory = new ObjectDirectory(index, st402d);
	readonly security: SecurityState;
	readonly users: UserLists;
	changes = 0;
	sealOpen = false;

	constructor(store: RecordStore, factory: FactorySecurity) {
		this.security = new SecurityState(store, factory);
		this.users = new UserLists(store);
		this.portProtection = new PortProtection(store, store, { failuresBeforeLock: 3 }, 0);
		this.security.listen({ securityEvent: (event, setup) => this.bench.events.push([event, setup]) });
	}

	now_ms(): number {
		return this.bench.now_ms;
	}

	isSealOpen(): boolean {
		return this.sealOpen;
	}

	parameterChanged(): void {
		this.changes++;
	}

	protectedParameterChanged(): void {
		this.parameterChanged();
	}

	energyGiven(): void {}

	beforeResponse(): void {
		this.bench.beforeResponses++;
		if (this.bench.energyRefuses) throw new DeviceError("flash", "refused");
	}
}

/** Repeatable octets out of a hash chain. */
export class ChainRandom implements Random {
	#state: Buffer;

	constructor(seed: string) {
		this.#state = createHash("sha256").update(seed).digest();
	}

	fill(into: Uint8Array): void {
		for (let n = 0; n < into.length; n += 32) {
			this.#state = createHash("sha256").update(this.#state).digest();
			into.set(this.#state.subarray(0, Math.min(32, into.length - n)), n);
		}
	}
}

export interface FakeMeter {
	readonly application: FakeApplication;
	readonly bench: Bench;
	readonly server: CosemServer;
	readonly store: RecordStore;
	readonly messages: string[];
}

/** The keys for a suite: in suite 2 each stands twice. */
export function keysOf(suite: number): typeof testKeys {
	const key = (octets: Uint8Array): Uint8Array => (suite === 2 ? Uint8Array.from([...octets, ...octets]) : octets);
	return {
		globalUnicastEncryptionKey: key(testKeys.globalUnicastEncryptionKey),
		globalBroadcastEncryptionKey: key(testKeys.globalBroadcastEncryptionKey),
		authenticationKey: key(testKeys.authenticationKey),
		masterKey: key(testKeys.masterKey),
	};
}

/** A server with `benchObjects`; a second one on the same store is the meter after a restart. */
export function fakeMeter(
	options: {
		store?: RecordStore;
		limits?: Partial<ServerLimits>;
		policy?: number;
		seed?: string;
		/** In all suites management is authenticated by GMAC. */
		suite?: number;
	} = {},
): FakeMeter {
	const store = options.store ?? new MemoryStore();
	const { suite = 0, policy } = options;
	const mechanisms = { management: 5 };
	const factory = { ...keysOf(suite), suite, mechanisms, ...(policy === undefined ? {} : { policy }) };
	const application = new FakeApplication(store, factory);
	const messages: string[] = [];
	const ports = {
		cipher: new NodeCipher(),
		random: new ChainRandom(options.seed ?? "challenges"),
		log: { write: (_level: string, _part: string, message: string) => void messages.push(message) },
	};
	const limits = { ...desktopLimits, ...options.limits };
	const server = new CosemServer(application as unknown as Application, ports, limits);
	return { application, bench: application.bench, server, store, messages };
}
