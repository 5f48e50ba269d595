// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import * as native from "../../../hosts/esp32/native/crc.js";
import * as nativeComparison from "../../../hosts/esp32/native/same-octets.js";
import * as nativeEnd from "../../../hosts/esp32/native/value-end.js";
import * as twin from "../../../src/core/crc.js";
import * as comparisonTwin from "../../../src/core/same-octets.js";
import * as endTwin from "../../../src/cosem/codec/value-end.js";

// that both give the same is proved on the engine: hosts/xs/src/core-vectors.ts

describe("hosts/esp32/native/same-octets", () => {
	it("offers what src/core/same-octets offers, to be called in the same way", () => {
		const board: typeof comparisonTwin = nativeComparison;
		assert.deepEqual(Object.keys(board).sort(), Object.keys(comparisonTwin).sort());
	});
});

describe("hosts/esp32/native/crc", () => {
	it("offers what src/core/crc offers, to be called in the same way", () => {
		const board: typeof twin = native;
		assert.deepEqual(Object.keys(board).sort(), Object.keys(twin).sort());
	});
});

describe("hosts/esp32/native/value-end", () => {
	it("offers what src/cosem/codec/value-end offers, to be called in the same way", () => {
		const board: typeof endTwin = nativeEnd;
		assert.deepEqual(Object.keys(board).sort(), Object.keys(endTwin).sort());
	});
});
