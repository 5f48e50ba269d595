// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { ObjectDirectory } from "../../src/cosem/object-directory.js";
import { objectIndex } from "../../src/cosem/objects/all.js";
import { st402d } from "../../src/models/model.js";
import { fromHex } from "../support/client/bytes.js";
import { hdlcAttack, wrapperAttack } from "../support/fuzz/attacks.js";
import { RightsJudge } from "../support/fuzz/rights-judge.js";

const clock = fromHex("c001c100080000010000ff0600");
const pushList = fromHex("c001c100280004190900ff0400");
const clockData = fromHex("c401c100090cffff0afe07030000ff8000ff");
const otherData = fromHex("c401c100090c000000000000000000000000");
const exception = fromHex("d80102");
const nothing = new Uint8Array(0);

describe("judge of rights in hostile runs", () => {
	const open = () => new RightsJudge(new ObjectDirectory(objectIndex, st402d));

	it("finds data that were given without the right to them", () => {
		for (const attack of [wrapperAttack(), hdlcAttack()]) {
			const judge = open();
			assert.match(judge.judge(attack, pushList, pushList, clockData) ?? "", /no right to c401c1/);
			assert.equal(judge.judge(attack, pushList, pushList, exception), undefined);
			assert.equal(judge.judge(attack, clock, clock, clockData), undefined);
			assert.match(judge.judge(attack, pushList, pushList, otherData) ?? "", /no right/);
		}
	});

	it("excuses over HDLC an answer that is repeated, and one that comes late, but once", () => {
		const hdlc = hdlcAttack();
		const judge = open();
		assert.equal(judge.judge(hdlc, clock, clock, nothing), undefined);
		assert.equal(judge.judge(hdlc, pushList, pushList, clockData), undefined);
		assert.equal(judge.judge(hdlc, pushList, pushList, clockData), undefined);
		assert.match(judge.judge(hdlc, pushList, pushList, otherData) ?? "", /no right/);
		const wrapper = wrapperAttack();
		assert.equal(judge.judge(wrapper, clock, clock, nothing), undefined);
		assert.match(judge.judge(wrapper, pushList, pushList, clockData) ?? "", /no right/);
	});
});
