const HERE = "https://this.site";

/**
 * Where somebody goes on after logging in: a path on this site. Whatever a browser could read as another site (`//host`,
 * `/\host`, a tab inside, a scheme) becomes the first page: otherwise our login page would lend its name to any address
 * (open redirect, CWE-601).
 */
export function placeOnThisSite(returnTo: string | undefined): string {
  if (returnTo === undefined || !/^\/(?!\/)[!-[\]-~]*$/.test(returnTo)) return "/";
  const { origin, pathname, search, hash } = new URL(returnTo, HERE);
  return origin === HERE && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
}
