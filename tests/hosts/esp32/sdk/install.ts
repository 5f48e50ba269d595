// SPDX-License-Identifier: Apache-2.0
import { register } from "node:module";

/** Fakes that stand for modules of the SDK, by the names that the board's sources import. */
const fakes = {
	"embedded:io/analog": "./analog.ts",
	"embedded:io/digital": "./digital.ts",
	"embedded:io/digitalbank": "./digitalbank.ts",
	"embedded:io/serial": "./serial.ts",
	"embedded:io/smbus": "./smbus.ts",
	"embedded:io/spi": "./spi.ts",
	"embedded:storage/flash": "./flash.ts",
	time: "./time.ts",
	timer: "./timer.ts",
};

const targets = Object.fromEntries(
	Object.entries(fakes).map(([name, file]) => [name, new URL(file, import.meta.url).href]),
);

/** Lets node find the fakes; modules of the board are to be imported dynamically after this one. */
const hooks = `const targets = ${JSON.stringify(targets)};
export function resolve(specifier, context, next) { return next(targets[specifier] ?? specifier, context); }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
