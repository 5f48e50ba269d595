// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { decodeData } from "../../support/client/axdr.js";
import { decodeObjectList, type ListedObject } from "../../support/client/object-list.js";
import { result } from "../../support/client/services.js";
import { benchObjects, type FakeMeter, fakeMeter } from "../support/fake-application.js";
import { fromHex } from "../support/hex.js";
import { byte, TestClient, u16 } from "../support/test-client.js";

const association = "0000280000ff";
const whole = `c001c1000f${association}0200`;
const select = (selector: number, parameters: string): string =>
	`c001c1000f${association}0201${byte(selector)}${parameters}`;
const objectId = (classId: number, name: string): string => `020212${u16(classId)}0906${name}`;
const array = (...items: string[]): string => `01${byte(items.length)}${items.join("")}`;
const classList = (...classes: number[]): string => array(...classes.map((id) => `12${u16(id)}`));

const serial = "0000600100ff";
const echo = "0000606300ff";

describe("selective access to the object list", () => {
	let meter: FakeMeter;
	let management: TestClient;
	let all: readonly ListedObject[];

	const listOf = (answer: string): readonly ListedObject[] => {
		assert.ok(answer.startsWith("c401c100"), answer.slice(0, 16));
		return decodeObjectList(decodeData(fromHex(answer.slice(8))));
	};
	const withoutRights = (objects: readonly ListedObject[]) =>
		objects.map(({ classId, version, logicalName }) => ({ classId, version, logicalName }));
	const assertNoRights = (objects: readonly ListedObject[]): void => {
		for (const { attributes, methods } of objects) assert.equal(attributes.size + methods.size, 0);
	};

	beforeEach(() => {
		meter = fakeMeter();
		management = new TestClient(meter.server, 1).connect();
		all = listOf(management.ask(whole));
		assert.equal(all.length, benchObjects.length);
	});

	it("F163: 1 gives every object without access rights", () => {
		const found = listOf(management.ask(select(1, "00")));
		assert.deepEqual(withoutRights(found), withoutRights(all));
		assertNoRights(found);
	});

	it("F163: 2 gives the objects of some classes without access rights", () => {
		const found = listOf(management.ask(select(2, classList(64, 8, 4711))));
		assert.deepEqual(withoutRights(found), withoutRights(all.filter(({ classId }) => classId === 64 || classId === 8)));
		assert.equal(found.length, 8);
		assertNoRights(found);
		assert.deepEqual(listOf(management.ask(select(2, classList()))), []);
		assert.deepEqual(listOf(management.ask(select(2, classList(4711)))), []);
	});

	it("F163: 3 and 4 give single objects with their rights", () => {
		const pair = listOf(management.ask(select(3, array(objectId(9999, echo), objectId(1, serial)))));
		assert.deepEqual(
			pair,
			["0-0:96.99.0.255", "0-0:96.1.0.255"].map((name) => all.find(({ logicalName }) => logicalName === name)),
		);
		assert.deepEqual(listOf(management.ask(select(4, objectId(1, serial)))), [pair[1]]);
	});

	it("SEC-order: passes over what the client does not see, and what is of another class", () => {
		assert.deepEqual(listOf(management.ask(select(4, objectId(3, serial)))), []);
		assert.deepEqual(listOf(management.ask(select(4, objectId(1, "0000630000ff")))), []);
		const observer = new TestClient(meter.server, 16).connect();
		const seen = listOf(observer.ask(select(3, array(objectId(9999, echo), objectId(1, serial)))));
		assert.deepEqual(
			seen.map(({ logicalName }) => logicalName),
			["0-0:96.1.0.255"],
		);
		const classes = listOf(observer.ask(select(2, classList(9999, 8))));
		assert.deepEqual(
			classes.map(({ logicalName }) => logicalName),
			["0-0:1.0.0.255"],
		);
	});

	it("publishes its selectors", () => {
		const own = all.find(({ logicalName }) => logicalName === "0-0:40.0.0.255")!;
		assert.deepEqual([...own.selectors], [[2, [1, 2, 3, 4]]]);
	});

	it("refuses unknown selectors and wrong parameters", () => {
		const refusal = (code: number): string => `c401c101${byte(code)}`;
		assert.equal(management.ask(select(5, "00")), refusal(result.scopeOfAccessViolated));
		assert.equal(management.ask(select(0, "00")), refusal(result.scopeOfAccessViolated));
		assert.equal(management.ask(select(1, "1100")), refusal(result.typeUnmatched));
		assert.equal(management.ask(select(2, "1100")), refusal(result.typeUnmatched));
		assert.equal(management.ask(select(2, array("1101"))), refusal(result.typeUnmatched));
		assert.equal(management.ask(select(3, objectId(1, serial))), refusal(result.typeUnmatched));
		assert.equal(management.ask(select(4, array(objectId(1, serial)))), refusal(result.typeUnmatched));
		assert.equal(
			management.ask(select(4, "0202120001090500006001 00".replace(" ", ""))),
			refusal(result.typeUnmatched),
		);
	});

	it("sends a selection in blocks where it is too long", () => {
		const small = new TestClient(meter.server, 1);
		small.counter = 1000;
		small.pdu = 200;
		small.connect();
		let raw = "";
		let answer = small.ask(select(2, classList(1, 15)));
		for (let block = 1; ; block++) {
			const match = /^c402c1(0[01])([0-9a-f]{8})00(..)(.*)$/.exec(answer);
			assert.ok(match, answer);
			assert.equal(Number.parseInt(match[2]!, 16), block);
			raw += match[3] === "81" ? match[4]!.slice(2) : match[4]!;
			if (match[1] === "01") break;
			answer = small.ask(`c002c1${match[2]}`);
		}
		const found = decodeObjectList(decodeData(fromHex(raw)));
		assert.deepEqual(withoutRights(found), withoutRights(all.filter(({ classId }) => classId === 1 || classId === 15)));
	});
});
