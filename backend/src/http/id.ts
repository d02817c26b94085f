import { z } from "zod";

/** The id of anything that the service keeps. */
export const Id = z.uuid();
