// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { ExceptionResponseError, serviceError, stateError } from "../support/client/errors.js";
import { accessBit, type ListedObject } from "../support/client/object-list.js";
import { encodeAction, encodeSet, result } from "../support/client/services.js";
import { classTable, mismatch, parseType, type SpecifiedType } from "../support/data-type.js";
import { RunningMeter } from "../support/running-meter.js";
import { type ClientName, type ModelName, modelNames, objectsOf } from "../support/specified-meter.js";

const clients: readonly ClientName[] = ["public", "management", "reader"];
const clock = ref(8, "0-0:1.0.0.255");
const deviceId2 = ref(1, "0-0:96.1.1.255");

/** A value that is not of this type; undefined when everything is. */
function otherThan(type: SpecifiedType): Data | undefined {
	const candidates = [data.boolean(true), data.octetString("x"), data.structure()];
	return candidates.find((candidate) => mismatch(type, candidate) !== undefined);
}

/** A conforming client never sends these; `what` was answered with `code` instead of `wanted`. */
class Findings {
	readonly wrong: string[] = [];

	expect(what: string, code: number, wanted: number): void {
		if (code !== wanted) this.wrong.push(`${what}: ${code} instead of ${wanted}`);
	}
}

/** Tries everything that is not granted, and granted attributes with values of another type. */
async function tryToWrite(client: DlmsClient, model: ModelName, listed: ListedObject, found: Findings): Promise<void> {
	const object = objectsOf(model).get(listed.logicalName)!;
	for (const [id, mode] of listed.attributes) {
		const what = `SET ${listed.logicalName} attribute ${id}`;
		if ((mode & accessBit.write) === 0) {
			found.expect(what, await client.set(listed, id, data.nullData()), result.readWriteDenied);
			continue;
		}
		const { type } = object.attributes.find((candidate) => candidate.id === id)!;
		const wrong = otherThan(type);
		if (wrong === undefined) continue;
		found.expect(`${what} with ${wrong.type}`, await client.set(listed, id, wrong), result.typeUnmatched);
	}
	const beyond = Math.max(...listed.attributes.keys()) + 1;
	const name = `${listed.logicalName} attribute ${beyond}`;
	found.expect(`SET ${name}`, await client.set(listed, beyond, data.nullData()), result.objectUnavailable);
	found.expect(`GET ${name}`, (await client.get(listed, beyond)).result, result.objectUnavailable);
}

async function tryToInvoke(client: DlmsClient, listed: ListedObject, found: Findings): Promise<void> {
	for (const [id, mode] of listed.methods) {
		if ((mode & accessBit.invoke) !== 0) {
			const { parameter = "integer" } = classTable(listed.classId, listed.version).methods.find(
				(candidate) => candidate.id === id,
			)!;
			const wrong = otherThan(parseType(parameter))!;
			const { result: typed } = await client.action(listed, id, wrong);
			// no handshake is going on that could be answered
			const wanted = listed.classId === 15 && id === 1 ? result.scopeOfAccessViolated : result.typeUnmatched;
			found.expect(`ACTION ${listed.logicalName} method ${id} with ${wrong.type}`, typed, wanted);
			continue;
		}
		const { result: code } = await client.action(listed, id, data.integer(0));
		found.expect(`ACTION ${listed.logicalName} method ${id}`, code, result.readWriteDenied);
	}
	const beyond = Math.max(0, ...listed.methods.keys()) + 1;
	const { result: code } = await client.action(listed, beyond, data.integer(0));
	found.expect(`ACTION ${listed.logicalName} method ${beyond}`, code, result.objectUnavailable);
}

for (const model of modelNames) {
	describe(`what a ${model} refuses`, () => {
		let meter: RunningMeter;
		before(async () => {
			meter = await RunningMeter.start(model);
		});
		after(() => meter.close());

		for (const name of clients) {
			const mayWrite = name === "management";

			it(`F142: ${name} client: what is not granted is denied, wrong types do not match, beyond the class is nothing`, async () => {
				await meter.with(name, async (client) => {
					const found = new Findings();
					for (const listed of await client.readObjectList()) {
						if (mayWrite) await tryToWrite(client, model, listed, found);
						if (mayWrite || name === "reader") await tryToInvoke(client, listed, found);
						for (const [id, mode] of listed.attributes) {
							if ((mode & accessBit.read) !== 0) continue;
							const { result: code } = await client.get(listed, id);
							found.expect(`GET ${listed.logicalName} attribute ${id}`, code, result.readWriteDenied);
						}
					}
					assert.deepEqual(found.wrong, []);
				});
			}).timeout(60_000); // ten thousand requests
		}

		it("F142: a service that was not negotiated is refused as such", async () => {
			await meter.with("public", async (client) => {
				const refusesService = (error: unknown) =>
					error instanceof ExceptionResponseError &&
					error.stateError === stateError.serviceNotAllowed &&
					error.serviceError === serviceError.serviceNotSupported;
				const set = encodeSet(client.nextInvocation(), { ref: clock, attribute: 2 }, data.nullData());
				await assert.rejects(client.association.exchange(set), refusesService);
				const action = encodeAction(client.nextInvocation(), { ref: clock, method: 6 }, data.long(0));
				await assert.rejects(client.association.exchange(action), refusesService);
			});
		});

		it("F142: an object of another client or of nobody is undefined, another class is inconsistent", async () => {
			await meter.with("public", async (client) => {
				assert.equal((await client.get(deviceId2, 2)).result, result.objectUndefined);
				assert.equal((await client.get(ref(3, "1-0:1.8.0.255"), 2)).result, result.objectUndefined);
			});
			await meter.with("management", async (client) => {
				assert.equal((await client.get(ref(3, "1-0:255.255.255.255"), 2)).result, result.objectUndefined);
				assert.equal((await client.get(ref(1, "1-0:1.8.0.255"), 2)).result, result.objectClassInconsistent);
				assert.equal(await client.set(ref(3, "0-0:96.1.1.255"), 2, data.nullData()), result.objectClassInconsistent);
				const action = await client.action(ref(3, "0-0:1.0.0.255"), 1, data.integer(0));
				assert.equal(action.result, result.objectClassInconsistent);
			});
		});

		it("F104: selective access where there is none is out of scope", async () => {
			await meter.with("management", async (client) => {
				const selection = { selector: 9, parameters: data.nullData() };
				assert.equal((await client.get(clock, 2, selection)).result, result.scopeOfAccessViolated);
			});
		});

		it("F41: a value of the right type outside its limits is refused for another reason", async () => {
			await meter.with("management", async (client) => {
				const month13 = Uint8Array.of(7, 234, 13, 1, 255, 0, 0, 0, 0, 128, 0, 0);
				assert.equal(await client.set(clock, 2, data.octetString(month13)), result.otherReason);
				assert.equal(await client.set(deviceId2, 2, data.octetString("x".repeat(49))), result.otherReason);
				const { result: code } = await client.action(clock, 6, data.long(901));
				assert.equal(code, result.otherReason);
			});
		});

		it("F163: a list is answered item by item, whatever becomes of each", async () => {
			await meter.with("management", async (client) => {
				const answers = await client.getMany([
					{ ref: ref(1, "0-0:42.0.0.255"), attribute: 2 },
					{ ref: ref(1, "1-0:1.8.0.255"), attribute: 2 },
					{ ref: ref(15, "0-0:40.0.0.255"), attribute: 7 },
					{ ref: clock, attribute: 1 },
				]);
				assert.deepEqual(
					answers.map(({ result: code }) => code),
					[0, result.objectClassInconsistent, result.readWriteDenied, 0],
				);
				assert.equal(Buffer.from(asOctets(answers[0]!.data!)).toString("latin1"), meter.simulator.logicalDeviceName);
				const written = await client.setMany(
					[
						{ ref: clock, attribute: 4 },
						{ ref: deviceId2, attribute: 2 },
						{ ref: deviceId2, attribute: 2 },
					],
					[data.unsigned(0), data.octetString("one"), data.unsigned(1)],
				);
				assert.deepEqual(written, [result.readWriteDenied, result.success, result.typeUnmatched]);
				assert.deepEqual(await client.read(deviceId2, 2), data.octetString("one"));
			});
		});

		it("F163: attribute 0 is all the attributes this client reads, in order", async () => {
			await meter.with("management", async (client) => {
				const association = ref(15, "0-0:40.0.0.255");
				const all = elementsOf(await client.read(association, 0));
				const readable = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]; // 7 is the secret
				assert.equal(all.length, readable.length);
				for (const [n, id] of readable.entries()) assert.deepEqual(all[n], await client.read(association, id));
			});
		});
	});
}
