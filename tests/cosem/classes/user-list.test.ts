// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryStore } from "../../support/stores.js";
import { type FakeMeter, fakeMeter } from "../support/fake-application.js";
import { fromHex } from "../support/hex.js";
import { byte, TestClient, tlv } from "../support/test-client.js";

const own = "0000280000ff";
const readers = "0000280004ff";
const otherReason = "fa";

function ascii(text: string): string {
	return Buffer.from(text, "latin1").toString("hex");
}

type User = [id: number, name: string];

const entry = ([id, name]: User): string => `020211${byte(id)}${tlv("0a", ascii(name))}`;
const list = (...users: User[]): string => `01${byte(users.length)}${users.map(entry).join("")}`;
const setList = (users: User[], name = readers): string => `c101c1000f${name}0a00${list(...users)}`;
const addUser = (user: User, name = readers): string => `c301c1000f${name}0501${entry(user)}`;
const removeUser = (user: User, name = readers): string => `c301c1000f${name}0601${entry(user)}`;

const wrongPassword = /a203020101a305a10302010d/;

describe("users of an association", () => {
	let store: MemoryStore;
	let meter: FakeMeter;
	let management: TestClient;

	beforeEach(() => {
		store = new MemoryStore();
		meter = fakeMeter({ store });
		management = new TestClient(meter.server, 1).connect();
	});

	const reader = (): TestClient => {
		const client = new TestClient(meter.server, 2);
		client.title = fromHex("4d4d4d00000000aa");
		return client;
	};
	/** A counter above all that readers before have used. */
	let readerCounter = 1;
	const tryReader = (user?: number): string => {
		const client = reader();
		client.counter = readerCounter += 100;
		const aare = client.send(client.aarq(user === undefined ? {} : { user }));
		meter.server.close(client.link);
		return aare;
	};

	const users = (name = readers): string => {
		const answer = management.get(15, name, 10);
		assert.ok(answer.startsWith("c401c100"), answer);
		return answer.slice(8);
	};

	it("F142: lets any user in while the list is empty", () => {
		assert.equal(users(), "0100");
		assert.doesNotMatch(tryReader(), wrongPassword);
		assert.doesNotMatch(tryReader(7), wrongPassword);
	});

	it("F142, SEC-err: lets only those in who are on the list, and answers others as a wrong password", () => {
		assert.equal(management.ask(setList([[7, "Ada"]])), "c501c100");
		assert.equal(users(), list([7, "Ada"]));
		assert.match(tryReader(), wrongPassword);
		assert.match(tryReader(8), wrongPassword);
		assert.doesNotMatch(tryReader(7), wrongPassword);
		assert.equal(meter.application.changes, 1);
	});

	it("tells nobody without the key which users there are", () => {
		management.ask(setList([[7, "Ada"]]));
		const client = reader();
		client.encryptionKey = fromHex("ff".repeat(16));
		assert.equal(client.send(client.aarq({ user: 7 })), client.send(client.aarq({ user: 8 })));
	});

	it("shows the user of the association with his name, an unknown one without", () => {
		management.ask(setList([[1, "Grace"]], own));
		const named = new TestClient(meter.server, 1);
		named.counter = 100;
		named.connect(1);
		assert.equal(named.get(15, own, 11), `c401c100${entry([1, "Grace"])}`);
		const client = reader().connect(9);
		assert.equal(client.get(15, own, 11), `c401c100${entry([9, ""])}`);
		assert.equal(named.get(15, readers, 11), `c401c100${entry([9, ""])}`);
	});

	it("adds and removes single users", () => {
		assert.equal(management.ask(addUser([200, "x"])), "c701c10000");
		assert.equal(management.ask(addUser([3, "sixteen octets !"])), "c701c10000");
		assert.equal(management.ask(addUser([4, ""])), "c701c10000");
		assert.equal(users(), list([200, "x"], [3, "sixteen octets !"], [4, ""]));
		assert.equal(management.ask(removeUser([3, "another"])), `c701c1${otherReason}00`);
		assert.equal(management.ask(removeUser([5, ""])), `c701c1${otherReason}00`);
		assert.equal(management.ask(removeUser([3, "sixteen octets !"])), "c701c10000");
		assert.equal(users(), list([200, "x"], [4, ""]));
		assert.equal(management.ask(removeUser([200, "x"])), "c701c10000");
		assert.equal(management.ask(removeUser([4, ""])), "c701c10000");
		assert.equal(users(), "0100");
	});

	it("takes 16 users with names of 16 printable octets, all of a list or nothing", () => {
		const full = Array.from({ length: 16 }, (_, n): User => [n, "sixteen octets !"]);
		assert.equal(management.ask(setList(full)), "c501c100");
		assert.equal(users(), list(...full));
		assert.equal(management.ask(addUser([16, ""])), `c701c1${otherReason}00`);
		for (const bad of [
			[...full, [16, ""]] as User[],
			[[1, "seventeen octets!"]] as User[],
			[
				[1, "one"],
				[1, "twice"],
			] as User[],
			[[1, "line\n"]] as User[],
		]) {
			assert.equal(management.ask(setList(bad)), `c501c1${otherReason}`);
		}
		assert.equal(management.ask(`c101c1000f${readers}0a000101020212000100`), "c501c10c", "type-unmatched");
		assert.equal(users(), list(...full));
		assert.equal(management.ask(setList([])), "c501c100");
		assert.equal(users(), "0100");
	});

	it("keeps the list of each association over a restart", () => {
		management.ask(setList([[7, "Ada"]]));
		management.ask(setList([[1, "Grace"]], own));
		meter = fakeMeter({ store });
		management = new TestClient(meter.server, 1);
		management.counter = 1000;
		management.connect(1);
		assert.equal(users(), list([7, "Ada"]));
		assert.equal(users(own), list([1, "Grace"]));
		assert.equal(users("0000280001ff"), list([1, "Grace"]), "0-0:40.0.1 is the caller's own");
		assert.equal(users("0000280005ff"), "0100");
		assert.match(tryReader(8), wrongPassword);
	});

	it("lets only management change a list", () => {
		const client = new TestClient(meter.server, 3, "optical").connect();
		assert.equal(client.ask(setList([], own)), "c501c103");
		assert.equal(client.ask(addUser([1, ""], own)), "c701c10300");
	});
});
