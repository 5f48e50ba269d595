// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { RunnerService } from "../../../hosts/xs/runner-service.js";
import { NobleCipher } from "../../../hosts/xs/src/support/noble-cipher.js";
import { runnerOperation } from "../../../hosts/xs/src/support/runner-operation.js";

function request(operation: number, ...buffers: readonly Uint8Array[]): Buffer {
	const parts = buffers.flatMap((buffer) => [Buffer.of(buffer.length >> 8, buffer.length & 255), buffer]);
	return Buffer.concat([Buffer.of(operation), ...parts]);
}

const octets = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (first + n) & 255);

describe("hosts/xs/runner-service", () => {
	it("seals and opens as the reference cipher does, for empty, odd and long texts", () => {
		const service = new RunnerService();
		const noble = new NobleCipher();
		for (const keySize of [16, 32]) {
			for (const size of [0, 1, 15, 16, 17, 300]) {
				const [key, iv, aad] = [octets(keySize, 1), octets(12, 50), octets(17, 90)];
				const answer = service.compute(
					request(runnerOperation.gcmSeal, key, iv, aad, octets(size, 7), new Uint8Array(12)),
				);
				const text = octets(size, 7);
				const tag = new Uint8Array(12);
				noble.gcmSeal(key, iv, aad, text, tag);
				assert.deepEqual(answer, Buffer.concat([Buffer.of(1, 4), text, Buffer.of(5), tag]));
				const opened = service.compute(request(runnerOperation.gcmOpen, key, iv, aad, text, tag));
				assert.deepEqual(opened, Buffer.concat([Buffer.of(1, 4), octets(size, 7)]));
				assert.equal(noble.gcmOpen(key, iv, aad, text, tag), true);
				tag[0]! ^= 1;
				assert.deepEqual(service.compute(request(runnerOperation.gcmOpen, key, iv, aad, text, tag)), Buffer.of(0));
			}
		}
	});

	it("refuses a wrapped key of which one octet changed", () => {
		const service = new RunnerService();
		const wrapping = octets(16, 1);
		const wrapped = service
			.compute(request(runnerOperation.wrapKey, wrapping, octets(16, 9), new Uint8Array(24)))
			.subarray(2);
		const unwrapped = service.compute(request(runnerOperation.unwrapKey, wrapping, wrapped, new Uint8Array(16)));
		assert.deepEqual(unwrapped.subarray(2), Buffer.from(octets(16, 9)));
		wrapped[5]! ^= 1;
		assert.deepEqual(
			service.compute(request(runnerOperation.unwrapKey, wrapping, wrapped, new Uint8Array(16))),
			Buffer.of(0),
		);
	});

	it("gives every scenario the same random octets", () => {
		const fill = (): Buffer => new RunnerService().compute(request(runnerOperation.random, new Uint8Array(40)));
		assert.deepEqual(fill(), fill());
		assert.equal(fill().length, 42);
	});
});
