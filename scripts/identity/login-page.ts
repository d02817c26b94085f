// The pages on which demo people log in to the bundled provider and out of it: plain forms, no scripts.
import type { Provider } from "oidc-provider";
import type { IncomingMessage, ServerResponse } from "node:http";
import { timingSafeEqual, createHash } from "node:crypto";

/** Somebody who can log in. */
export interface Person {
  /** Its login, and what tokens call it (`sub`). */
  readonly id: string;
  readonly password: string;
}

/** Where the provider sends a browser that must log in. */
export const LOGIN_PATH = "/login/";
const LONGEST_FORM = 4_096;

/** Shows the form, and takes what is filled in. @returns whether the request was for this page */
export async function serveLogin(
  provider: Provider,
  people: readonly Person[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") return show(response, loginPage(people, false));
  const form = new URLSearchParams(await bodyOf(request));
  const person = people.find(({ id }) => id === form.get("login"));
  if (!person || !isSame(person.password, form.get("password") ?? "")) return show(response, loginPage(people, true));
  await provider.interactionFinished(request, response, { login: { accountId: person.id } });
}

/** Asks whether to log out here as well. @param form as the provider made it, with the id `op.logoutForm` */
export function logoutPage(form: string): string {
  return page(
    "退出登录 · Log out",
    `<h1>同时退出身份认证服务？</h1><p lang="en">Log out of the identity provider as well?</p>${form}
<p><button autofocus form="op.logoutForm" name="logout" value="yes">退出 <span lang="en">Log out</span></button>
<button form="op.logoutForm">不退出 <span lang="en">Stay logged in</span></button></p>`,
  );
}

function loginPage(people: readonly Person[], refused: boolean): string {
  const accounts = people.map(({ id }) => `<option value="${escaped(id)}">`).join("");
  return page(
    "登录 · Log in",
    `<h1>登录（本机演示）</h1><p lang="en">Log in to the demonstration on this machine</p>
${refused ? '<p role="alert">账号或密码不正确。<span lang="en">Wrong login or password.</span></p>' : ""}
<form method="post"><datalist id="people">${accounts}</datalist>
<p><label>账号 <span lang="en">Login</span><br>
<input name="login" list="people" autocomplete="username" required autofocus></label></p>
<p><label>密码 <span lang="en">Password</span><br>
<input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>登录 <span lang="en">Log in</span></button></p></form>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:100%/1.7 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem;color:#18222f}
input,button{font:inherit;min-height:2.75rem;padding:.3rem .8rem;border:1px solid #8493a5;border-radius:.4rem}
input{width:100%;box-sizing:border-box}</style><main>${body}</main></html>`;
}

function show(response: ServerResponse, html: string): void {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }).end(html);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8"))
    if ((text += String(chunk)).length > LONGEST_FORM) throw new Error("The form is too long.");
  return text;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isSame(expected: string, given: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
