// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** One row of the specified object model, columns by name. */
export type SpecifiedObject = Readonly<Record<string, string>>;

/** Fields of one RFC 4180 line. */
function splitLine(line: string): string[] {
	const fields: string[] = [];
	for (let at = 0; at <= line.length; ) {
		if (line[at] === '"') {
			let text = "";
			for (at++; !(line[at] === '"' && line[at + 1] !== '"'); at++) {
				if (line[at] === '"') at++;
				text += line[at];
			}
			fields.push(text);
			at += 2;
			continue;
		}
		const comma = line.indexOf(",", at);
		const end = comma < 0 ? line.length : comma;
		fields.push(line.slice(at, end));
		at = end + 1;
	}
	return fields;
}

const text = readFileSync(new URL("../data/object-model/object-model.csv", import.meta.url), "utf8");
const [header, ...lines] = text.trimEnd().split("\n").map(splitLine);

export const specifiedObjects: readonly SpecifiedObject[] = lines.map((fields) =>
	Object.fromEntries(header!.map((name, column) => [name, fields[column] ?? ""])),
);

/** Logical names that this release does not serve though the model has them; `docs/objects-not-served.txt`. */
export const notServed: ReadonlySet<string> = new Set(
	readFileSync(new URL("../../docs/objects-not-served.txt", import.meta.url), "utf8")
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#")),
);
