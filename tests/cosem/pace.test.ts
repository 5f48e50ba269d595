// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { st402d } from "../../src/models/model.js";
import type { Pace } from "../../src/ports/pace.js";
import { MeterBench } from "../events/meter-bench.js";
import type { DlmsClient } from "../support/client/client.js";
import { ref } from "../support/client/data.js";
import { accessBit } from "../support/client/object-list.js";

/** Spent when it is looked at for the nth time in a request. */
class CountingPace implements Pace {
	readonly #looks: number;
	#looked = 0;

	constructor(looks: number) {
		this.#looks = looks;
	}

	begin(): void {
		this.#looked = 0;
	}

	get isSpent(): boolean {
		return ++this.#looked >= this.#looks;
	}
}

async function open(pace?: Pace): Promise<{ readonly client: DlmsClient; readonly requests: () => number }> {
	const bench = new MeterBench({ model: st402d, ...(pace && { pace }) });
	bench.run(20);
	const client = await bench.connect("management");
	let sent = 0;
	client.association.trace = (direction) => void (direction === "sent" && sent++);
	return { client, requests: () => sent };
}

/** Invocation counters and who has been served: they count the requests themselves. */
const counted = /^0-0:(43\.1\.|96\.5\.4)/;

describe("pace of long answers", () => {
	for (const looks of [2, 7]) {
		it(`every attribute reads the same when the pace is spent at look ${looks}, in more requests`, async () => {
			const whole = await open();
			const cut = await open(new CountingPace(looks));
			const objects = await whole.client.readObjectList();
			assert.deepEqual(await cut.client.readObjectList(), objects);
			for (const { classId, logicalName, attributes } of objects) {
				if (counted.test(logicalName)) continue;
				const readable = [...attributes].filter(([, mode]) => (mode & accessBit.read) !== 0);
				for (const attribute of [...readable.map(([id]) => id), 0]) {
					const expected = await whole.client.get(ref(classId, logicalName), attribute);
					assert.equal(expected.result, 0, `${logicalName} attribute ${attribute}`);
					const found = await cut.client.get(ref(classId, logicalName), attribute);
					assert.deepEqual(found, expected, `${logicalName} attribute ${attribute}`);
				}
			}
			assert.ok(cut.requests() > whole.requests() + 100);
		});
	}

	it("a pace that is spent at once still lets each block take one element", async () => {
		const cut = await open(new CountingPace(1));
		const objects = await cut.client.readObjectList();
		assert.ok(cut.requests() > objects.length, `${cut.requests()} requests for ${objects.length} objects`);
	});
});
