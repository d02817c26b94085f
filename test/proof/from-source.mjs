// For mutation tests: makes "@quanlian/proof" mean the sources beside this file instead of the built package.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    const [, module] = /^@quanlian\/proof(?:\/(.+))?$/.exec(specifier) ?? [specifier];
    const isOurs = specifier.startsWith("@quanlian/proof");
    return nextResolve(
      isOurs ? new URL(`../../proof/src/${module ?? "index"}.ts`, import.meta.url).href : specifier,
      context,
    );
  },
});
