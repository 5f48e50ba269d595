// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { models } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { toHex } from "../support/client/bytes.js";
import type { DlmsClient } from "../support/client/client.js";
import { decodeLogicalName, ref } from "../support/client/data.js";
import { notServed } from "../support/object-model.js";
import { type MeterObject, type ModelName, objectsOf } from "../support/specified-meter.js";

const notSpecified = "ffffffffffffffffff8000ff";

/** A value as the column `default` writes it. */
function text(value: Data): string {
	if (value.type === "octet-string") {
		const octets = value.value;
		if (octets.length === 6) return decodeLogicalName(octets).replace(/\.255$/, "");
		return toHex(octets) === notSpecified ? "not specified" : toHex(octets);
	}
	if (value.type === "structure") return `{${value.value.map(text).join()}}`;
	if (value.type === "array") return `[${value.value.map(text).join()}]`;
	return String(value.value);
}

/** What a default says of attributes, by number; undefined for one in words that only people understand. */
type Expected = Readonly<Record<number, string>>;

/** Defaults in other words, or of several attributes: what they mean on the wire. */
const inWords: { readonly [words: string]: Expected | ((model: ModelName) => Expected) } = {
	"0 not specified": { 2: "0" },
	"0 secondary": { 2: "0" },
	"60 s": { 2: "60" },
	"31 zeros": { 2: `[${Array(31).fill(0).join()}]` },
	"all 0 (off)": { 2: "0".repeat(16) },
	"all defined bits of section 6.2": { 2: String(0xffff_3f03) },
	"terminal cover, meter cover, magnet, EMF": { 2: "1111000000000000" },
	"function 0 not used": {},
	"1000 direct; 10000 CT": (model) => ({ 2: model === "ST402C" ? "10000" : "1000" }),
	"1000 direct; 60 CT": (model) => ({ 2: model === "ST402C" ? "60" : "1000" }),
	"0, capture_time not specified": { 2: "0", 5: "not specified" },
	"period 60, n 1": { 8: "60", 9: "1" },
	"period 900, n 1": { 8: "900", 9: "1" },
	'8 masks "1".."8"; active "1"': { 4: "31" },
	"time_zone -60; begin FFFF03FE07020000FF8000FF; end FFFF0AFE07030000FF8000FF; deviation 60; enabled true; base 1": {
		3: "-60",
		5: "ffff03fe07020000ff8000ff",
		6: "ffff0afe07030000ff8000ff",
		7: "60",
		8: "true",
		9: "1",
	},
	"mode 0 (mode E start); 300 Bd; 9600 Bd; 200 ms; addr empty": { 2: "0", 3: "0", 4: "5", 5: "1", 6: "" },
	"mode 1 (HDLC); 9600 Bd": { 2: "1", 3: "5", 4: "5" },
	"comm_speed 5 (9600); windows 1/1; info 128/128; inter-octet 25 ms; inactivity 120 s; device_address = (serial mod 10000) + 1000":
		{ 2: "5", 3: "1", 4: "1", 5: "128", 6: "128", 7: "25", 8: "120" },
	"9600 Bd; 1/1; 128/128; 25 ms; 120 s": { 2: "5", 3: "1", 4: "1", 5: "128", 6: "128", 7: "25", 8: "120" },
	"mode 1; 3; 1 s; 2; 300 s": { 2: "1", 3: "3", 4: "1", 5: "2", 6: "300", 8: "0", 9: "0", 10: "0" },
	"4059; 0-0:25.1.0; 576; board 2, desktop 64; 120": { 2: "4059", 3: "0-0:25.1.0", 4: "576", 5: "64", 6: "120" },
	"static address from PPP/PDP; use_DHCP false": { 8: "false" },
	"template_id 1": { 4: "1" },
	"template_id 2": { 4: "2" },
	"mode 4; connected": { 2: "true", 3: "1", 4: "4" },
	"true; 1 connected; mode 2": { 2: "true", 3: "1", 4: "2" },
	"00:05:00 daily, script 1": { 2: "{0-0:10.0.108,1}", 4: "[{00050000,ffffffffff}]" },
	"type 1; 1st of every month 00:00:00; script 1": { 2: "{0-0:10.0.1,1}", 3: "1", 4: "[{00000000,ffffff01ff}]" },
	"empty execution_time (only fraud triggers profile 2)": { 4: "[]" },
	"1 season, 1 week, 1 day: 00:00 -> tariff script 1": {
		3: "[{31,ffff0101ff000000008000ff,31}]",
		4: "[{31,1,1,1,1,1,1,1}]",
		5: "[{1,[{00000000,0-0:10.0.100,1}]}]",
		10: "not specified",
	},
	"suite 0; policy 0x0C (authenticated + encrypted requests; nothing is answered)": { 2: "12", 3: "0" },
	"suite 0; policy 0x6C (simulator and commissioned meter); 0 only in factory state": { 2: "108", 3: "0" },
	"monitors (5, 1-0:1.24.0, 2); thresholds 2^32-1 (off); 60 s; 60 s; groups []; actions (0-0:10.0.106,1)/(0-0:10.0.106,2), on ST402C (0-0:10.0.103,1)/(0-0:10.0.103,2)":
		(model) => ({
			2: "{5,1-0:1.24.0,2}",
			3: "4294967295",
			4: "4294967295",
			5: "4294967295",
			6: "60",
			7: "60",
			8: "{0,not specified,0}",
			9: "[]",
			10: "false",
			11: model === "ST402C" ? "{{0-0:10.0.103,1},{0-0:10.0.103,2}}" : "{{0-0:10.0.106,1},{0-0:10.0.106,2}}",
		}),
	"monitors (3, 1-0:90.7.0, 2); thresholds 65535 (off); otherwise as limiter 1": {
		2: "{3,1-0:90.7.0,2}",
		3: "65535",
		4: "65535",
		5: "65535",
		6: "60",
		7: "60",
	},
	"period 900; 8640 entries (board), 38016 (desktop)": { 4: "900", 8: "38016" },
};

/** Defaults whose content has a test of its own: scripts, capture and push lists, associations, what identifies a meter. */
const elsewhere =
	/^(section \d|scripts? |enable\/disable pairs|\[\(1, LDN\)\]|8 ASCII digits|factory set id|all enabled|all ordered|list of legally|targets:|actors:|empty until)/;

/** They count, or show, what has happened since the start. */
const live = /^0-0:(43\.1\.[05]|97\.98\.1|96\.15\.[06]|96\.55\.1)\.255$/;

/** Attributes that are empty in an object that is so from the factory. */
const emptyOf: { readonly [classId: number]: Expected } = {
	1: { 2: "" },
	10: { 2: "[]" },
	11: { 2: "[]" },
	20: { 2: "", 3: "[]", 4: "[]", 5: "[]", 6: "", 7: "[]", 8: "[]", 9: "[]", 10: "not specified" },
	22: { 4: "[]" },
};

function expected({ classId, row }: MeterObject, model: ModelName): Expected | undefined {
	const words = row["default"]!;
	const known = inWords[words];
	if (known !== undefined) return typeof known === "function" ? known(model) : known;
	if (words === "empty") return emptyOf[classId];
	if (/^\d+$/.test(words)) return { 2: words };
	if (/^\{.*\}$/.test(words)) return { 2: words };
	const monitor =
		/^thresholds \[(\d+)\](?: \(off\))?; monitors \((\d), ([^,]+), (\d)\); up \((\S+),(\d)\)(?:, on ST402C \((\S+),(\d)\))?; down none$/.exec(
			words,
		);
	if (monitor !== null) {
		const [, threshold, monitoredClass, name, attribute, table, script, other] = monitor;
		const up = model === "ST402C" && other !== undefined ? other : table;
		return {
			2: `[${threshold}]`,
			3: `{${monitoredClass},${name},${attribute}}`,
			4: `[{{${up},${script}},{${up},0}}]`,
		};
	}
	const profile = /^(?:period (\d+)[^;]*; )?(\d+) entries/.exec(words);
	if (profile !== null) return { 4: profile[1] ?? "0", 8: profile[2]! };
	return undefined;
}

async function differences(client: DlmsClient, object: MeterObject, wanted: Expected): Promise<string[]> {
	const found: string[] = [];
	for (const [id, value] of Object.entries(wanted)) {
		const read = text(await client.read(ref(object.classId, object.logicalName), Number(id)));
		if (read !== value) found.push(`${object.logicalName} attribute ${id}: ${read} instead of ${value}`);
	}
	return found;
}

describe("a meter as from the factory", () => {
	for (const model of models) {
		it(`G10, F163: ${model.name} has the values that the object model gives`, async () => {
			const bench = new MeterBench({ model });
			bench.run(1);
			await bench.with(async (client) => {
				const wrong: string[] = [];
				let compared = 0;
				for (const object of objectsOf(model.name).values()) {
					const words = object.row["default"]!;
					if (
						notServed.has(object.logicalName) ||
						words === "" ||
						elsewhere.test(words) ||
						live.test(object.logicalName)
					)
						continue;
					const wanted = expected(object, model.name);
					if (wanted === undefined) wrong.push(`${object.logicalName}: nothing compares "${words}"`);
					else wrong.push(...(await differences(client, object, wanted)));
					compared++;
				}
				assert.deepEqual(wrong, []);
				assert.ok(compared > 250, `${compared}`);
			});
		});
	}
});
