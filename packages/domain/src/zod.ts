import { en } from "zod/locales";
import { config } from "zod/mini";

/*
 * zod as everything imports it that a function loads at its start: the small form, in which what a schema can do is a
 * function and not a method, so that a bundle holds only what is used (docs/decisions/0007-zod-mini.md). It brings no
 * language of its own, and people read its messages.
 */
config(en());

export * from "zod/mini";
