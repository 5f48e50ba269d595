// SPDX-License-Identifier: Apache-2.0
import htm from "htm";
import { h, type VNode } from "preact";

/** Markup in template literals, without a build step. */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode = htm.bind(h) as never;
