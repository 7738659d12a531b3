/** What the main job adds to the data, all invented: user-assigned country codes and one identifier scheme. */
export const demonstration = {
  scheme: 'national-trader-id',
  currency: 'KRW',
  homeCountry: 'XA',
  partnerCountry: 'XB',
  /** Sellers are spread over these by a hash; only the first has an arrangement. */
  sellerCountries: ['XB', 'XC', 'XD'],
  programme: 'demonstration',
  arrangement: 'demonstration',
  /** Fewer declarations than this in the history make a firm small: an assumption. */
  smallBelowDeclarations: 10,
  /** With fewer no tier can be granted, so no application is sent. */
  applyFromDeclarations: 5,
} as const;
