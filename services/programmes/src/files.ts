export { readCase } from './adapters/case-schema.ts';
export { type MediaType, mediaTypeOf } from './adapters/media-type.ts';
export {
  asLine,
  evaluate,
  loadProgrammes,
  programmesFolder,
  readProgrammeFile,
} from './adapters/programme-files.ts';
export { alternative, programmeJsonSchema, programmeSchema, question } from './adapters/programme-schema.ts';
export { workingDaysOf } from './adapters/working-days.ts';
