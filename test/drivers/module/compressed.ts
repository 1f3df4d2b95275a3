/**
 * Small streams made by xz 5.4.1 and zstd 1.5.4, which Node cannot make.
 */

/** What all of them hold, where nothing else is said. */
export const TEXT = Buffer.from(
  Array.from({ length: 200 }, (_, i) => `line ${String(i)} of the module: ${String(i * i)}\n`).join(''),
);

function stream(...lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.join(''), 'base64');
}

/** `xz --check=crc32` */
export const CRC32_XZ = stream(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAwdj0DgAB0gXwLAAAqk9y4z4wDYsCAAAAAAFZWg==',
);

/** `xz --check=none` */
export const NONE_XZ = stream(
  '/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAAAHOBfAsAABKjWaXqAAK/AIAAAAAAFla',
);

/** `xz --check=crc64` */
export const CRC64_XZ = stream(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAaqLpFgPcq5AAAdYF8CwAALwN43ixxGf7AgAAAAAEWVo=',
);

/** `xz --check=sha256` */
export const SHA256_XZ = stream(
  '/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAKe+jvQhBLegf+WFOcm0SiCpD9NrWxGsNs6SxYGfAW3cAAe4F8CwAAHyIypC26d8cAgAAAAAKWVo=',
);

/** `xz --check=crc32 --x86 --lzma2` */
export const X86_XZ = stream(
  '/Td6WFoAAAFpIt42AgEEACEBFgANhjUf4BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAwdj0DgAB0gXwLAAAqk9y4z4wDYsCAAAAAAFZWg==',
);

/** `xz --check=crc32 --delta --lzma2` */
export const DELTA_XZ = stream(
  '/Td6WFoAAAFpIt42AgEDAQAhARZ5IMTu4BZvBGldADY/PK96aAcrLYNspJs5E1BQRzeHbvp7DK/j4UmsGXN1nG3WrP+o7d7g',
  'M5j0KrS222W2/sF5Qo7LQttgegS1L6D0S2Io1srBTL75RnVnF8wiEG9m/MzLWygfiX7znf6p7khw8zlktgFYkT6R33/F0SYG',
  'mKja/mVC5/JMwgDIZ+xz4zdf4owo+rLiIo6JGrjGzWuHcvgcHB1/dVdWTUERfp1mgMI4JMzFXeqc8Gmt5rS0lK/CP3gf86TN',
  'zlLFn3ge9WkTNKZiakWwG/++d7+UYwV9FUhM22nZwTute6azEyVjy7RmS79xJcf4uqxp85uroOjBSgVHVGFQhle1bAlHA20f',
  'Ho7BhS2G5KqdOsYirA2XTGorER6BZqEyaZ/5YMcUV0pbQio+H5oHz3U3Miv+FWD9w7DGI1Fawq0wbzqaHhlR905hwXO9reuY',
  'nzzufntHJFntm7KPz8kVa0cf3QjdalxERphFmYkglxSBffD7Qx19Ox5OIY0DNzlQT8mQKucYsuxFKSifUtB2p4oR+OvT6xrN',
  'aplfzLeZRyIuioKJlmVz9r7E76eXWZR34tSjWp+pRkEjtb5Ltb5gLSaI5vuw8pAFI2JSmtYOddoIN41kaeTLzlai59mqSmCq',
  'JCTa9DPLovG5CcAVGvFiM9zSqxW8FCojHNQWU4t+M29jC8ii6SX4Xxfg1VGzRie8ZpqXRwXSpJVHPLopO74ptK/YevkHfy7q',
  'OJ90zOSv0BGABb8g+0FqyEzzXgFmk8sAtQB994TRzrPWiIVafrGBMHJ5U62vSr/VYJlZEwwSYntHdgkJ87jHyD1/YFF3yEDd',
  'nzwKdGdo0DfOQgtlveQj9c+4HYQIQ1sahHYrQvaRDvX/Hw+5ekT9E5hrzobwiFBztg8kae4elw7cVoQETv8ykIYvIwjqaYzD',
  'ZhS2xR00KGLYYZWD1YUlp2WfQJFRzsuk1NKkNbi7Edf9Pe/Qt1+x/hjnZLV2+6TSkAIEC1BnC5KjHL2/ibkvIamq9f/6lH8s',
  'bVVDQVrP53xnDEyBw+thTIJhtsC+p40tJiz4SxMgSAS8J54nBUoY4xXjQQm7+18oWSb4a5nDv1n1yldoafV0InaCBYDGfRAZ',
  'EfcVJhOBLkZDIxyviraVvS4ht0EWjaCBOTGxnPkP0MJ/WbBGBgx7RDJojXMU6y60v1vgbhtHY4rWNOkO4vHqacrDVLjsB5hb',
  'jT2XnT017wWol4hImcEFQr3XV4FYmkmabittfWDll3zjkasNxwyR0yiwQm2HQQn04FXi55XaFORR2F4o9MIiQIuwba3dndBz',
  'ddQARnIq5LIB/qpw9FzlhKCB38hsVyc06xWeYbTf5/NtQSSJHiLVYMSh3xropyBRxSgxJwfODJpi3XQf46qiBV/UkNtct83I',
  'DsgbjhQHZ8zZ9cAMMuCFrpryqjANndaswVuWPIcVqHbBHTZZqOy7CeirFKfmH4vAnAvOWsog87tUOoCWSQNrMSndmtILk2XH',
  '3TWEgUnKsQAAAAAAwdj0DgABgQnwLAAA8tiYrD4wDYsCAAAAAAFZWg==',
);

/** `xz --check=crc32 --lzma2=dict=1GiB` */
export const LARGE_XZ = stream(
  '/Td6WFoAAAFpIt42AgAhASQAAABeH8f54BZvArpdADYaSh8IoCYDTQad+LKlrK4Re7WOSLellzUDy8N6MSaRVn26xmg99MbW',
  'MjyYAHCrzYXKIYnuEFB9kXZbv7yk55FsvbuUVrX8IJtL2w37Xp+BBoDUoJmUxX+wrbn4dmi0hLSuMyoWywVKyNNyljoGIN+s',
  'EspwFt6xPmJnpmmUxgRUUhYQwJYAIC3pmnBgJRVJvduPRvPV9x/tw3o+TOVuRtG4yhyyTAskuG3JGqQAhTvP1Vp/yg5F7RQ0',
  'XWYpp0qdsU2R0RFvbvMMFPSf7Yw2gPVXGbPi4fk4dIqBIDanh9e2k2IEGlXO5rA8ktFnNYzB8k9a6ZIeSF36Yvk7sDsKTqxh',
  '9pRS8+Ls/y+2Du92G09ulilOSoMTQuberpLWHUHuLsqZaL8Bie4DeAmJbEO5IufdfaML7h4sasvVemzXJ8caE/b2RGQlZEci',
  'KKM3jjQlRrCvoi2Jgt/sOb3X06rJ5fV29Zp4VhQ0tFLS7aklhJ0XwqxasjjFiwpRrXBk47S/WWAiObLsHwozMLSKDPd6S8ta',
  'gcfUMTcU/4kiYb6M0/KS5txMIzDHmBTT3g0wVlUE3Q9+vpaCVCDUkxFfqK97nl17jbQDa9P+eqox7HF/tLcZuPCpy3lMWFNi',
  'W9Hm5BoyioOmOhLE4FJiaqVO4Q3/cx0NWn/NFt6YAIi48vP2271jM9uYew5p3F9HExytM+20cNwc3YcWl0sm/816FjzRF+3N',
  'hFIKaB14G9IBus08fEAggXnTbKHe47kYjQEKlOXmwUiMYwZG1L6L21kt5qGRGbjaw7v4QvDUkErjTB+oT+5chTePlCjuYDf7',
  'bF4B/cTe7MCAWCki0JlnABnE2x23D4zkkjbz0L1ctwFcuNipIng5thlhglIxUyKpa2VpCfklOr/WYqt1SNT/0jxi5XIOfnrM',
  'DARmVE3AyXwSAAAAwdj0DgAB0gXwLAAAqk9y4z4wDYsCAAAAAAFZWg==',
);

/** xz --check=crc32 -T2 --block-size=3000, which also writes sizes into the block headers */
export const BLOCKS_XZ = stream(
  '/Td6WFoAAAFpIt42A8CaA7gXIQEWAAAAOIRuYeALtwGSXQA2GkofCKAmA00GnfiypayuEXu1jki3pZc1A8vDejEmkVZ9usZo',
  'PfTG1jI8mABwq82FyiGJ7hBQfZF2W7+8pOeRbL27lFa1/CCbS9sN+16fgQaA1KCZlMV/sK25+HZotIS0rjMqFssFSsjTcpY6',
  'BiDfrBLKcBbesT5iZ6ZplMYEVFIWEMCWACAt6ZpwYCUVSb3bj0bz1fcf7cN6PkzlbkbRuMocskwLJLhtyRqkAIU7z9Vaf8oO',
  'Re0UNF1mKadKnbFNkdERb27zDBT0n+2MNoD1Vxmz4uH5OHSKgSA2p4fXtpNiBBpVzuawPJLRZzWMwfJPWumSHkhd+mL5O7A7',
  'Ck6sYfaUUvPi7P8vtg7vdhtPbpYpTkqDE0Lm3q6S1h1B7i7KmWi/AYnuA3gJiWxDuSLn3X2jC+4eLGrL1Xps1yfHGhP29kRk',
  'JWRHIiijN440JUawr6ItiYLf7Dm919OqyeX1dvWaeFYUNLRS0u2pJYSdF8KsWrI4xYsKUa1wZOO0v1lgIjmy7B8KMzC0igz3',
  'erBT7bAAAAA+OQdcA8CcA7gVIQEWAAAAVuXv++AKtwGUXQA2m8ixrhLvdNT3q4SIWNmK1vTjYo3h23Cw35lmsb5kFf8B5BkI',
  'D8si1BJXir3UwNjJI7C1ZKDHWx/YR11axiKForR+rdRUsesFDX1T6IF2zlV3YXu5Pd35JI2uEdRgYvrVHqGpbgD1qA09yCN1',
  '/5NGXnr3Qd8m2RihV+aRC/F6y37GLqL3k4l0VXKzexpZfoghSuIeroUSxe4rJYIr0v+TqhnRD6Jv3oH24o2Qi+/qGbXIqx1b',
  'NCTy0Fjt0LMcCm62Bj24iHIS2Dz13JOguue0Y0gKsSMdP68GeFuEaeTO8kWnbKn17t5OYfZib4CjSPrmQ3LFibxQEnpxd651',
  'xeHMFhBSy/i7fAZ8rkuuUmSi7kCKJ6VACWYqDOUXrPcj1Ltayl12N+zTKldwZl4eSfQkq0U1TCRaEnmGfgCoAmdm1O7RZ2fE',
  'MNZsyETJea4wpDe54Pe7hqwz17mskdLLj/5ZvklFUqvoIdH8kae92fKEUDgV1Ncu3NFOHhivLlRjJrarjU14rW6uZ1zBEe9H',
  'JzZmsf6rAAATvxoxAAKuA7gXsAO4FQAAEHiOlZvjUUADAAAAAAFZWg==',
);

/** xz --check=crc32 of nothing */
export const EMPTY_XZ = stream('/Td6WFoAAAFpIt42AAAAABzfRCGQQpkNAQAAAAABWVo=');

/** `zstd -19` */
export const ZSTD = stream(
  'KLUv/WRwFTUZABpN0AgWkKmSA6e3KtTXzHxbuUS2rMCMjKcBAZAAhQB+ADHyMoI4FhahQsQ7K9cwpAqkTOZEEkqm8q2C04sM',
  '9UZXKEodX/vOonUYu/FWyVNH2aPtJu5YCJ8zCE5ia2gRGmP+QrpinbMThmcIdLAptNBBylOCnZJrR6niHF8Zsw/DLPSElPnr',
  '7sXaceM2adrm9bzBYaF4fZQbABkEODCwQECCAwYHBBQYDEhgIIMDBAUMBLO99jZvt6DgZqE28UbrZS2qatSoGWjSDLRp/lf+',
  '/OrDPd4X6nLHTP964nWH33B2aaOPD582hJlbQhg/gkfIIGNR6HzGMWUwZxZvpFqz0g8decJ5CcEhiIPQIsGh0nCGROhMGFbJ',
  'gvQqzKF36Y4/bbAlagtZsa/W9yPcTtBjiFlyyJvGpY4bcjJJSMkmku+qj9NdHkMXozuhRukcQWz3VoyunsjOfOskf+rG+N7q',
  'mzvMQrwzCzkTy8P6cViUDWN4YYtJ9xRb7Z3rhDfcOS9wIzMntEw4h5CVOycLrjMdWXfjpHbi5nXfysdm+zgWJo15EzImm3+u',
  '2x242FrhOAa3TRqnbRMAJj9e8THXTISvExZqQhwO0Zchoh4HP3Xsk+bQNwaJtyEx9xthLg0L2RDLRPTTiCgXwXFgbCaVodkq',
  'xjtezBmLEHaFhVaIAxU9f0ZHTobyXJj0ocJmGb7kcD4TGCwSaCEDxR+zt5jR0qR54TzJQnkbCl+/nNdlkIjSQpXihWCvBqNa',
  'kBKBjqgRkFTLef8N4UutAREkWIEVnh/jekRQ2tfLEoPOP0rQc3pZgvwnhkzlI+rAp5LPFeWHSnst6cSw3pLPBWRmDUbQc3pZ',
  'gv6rCL/KP1GHSvuQHTIQe0rQc9qyBP0nhkzln5BsISn3MwwU5kWqZ1D3M6hyQu215IlhvSU9VwN9lR7Vd1ThcDSOD8fxYRwf',
  'xvHDOD6M48M4fBjHh3F8GI4P4/gwjhfG8WEcH8bhwzg+jOPDcHwYx4dxvDAO5n8LqAIZsjOb2jPpF1p5wlqesMoTVnmSVZ6w',
  'yhNW6WRg/9WrW8R0EwTXphEAqAZggb8K05+ZfQ==',
);

/** `zstd -19 --no-check` */
export const UNCHECKED_ZSTD = stream(
  'KLUv/WBwFTUZABpN0AgWkKmSA6e3KtTXzHxbuUS2rMCMjKcBAZAAhQB+ADHyMoI4FhahQsQ7K9cwpAqkTOZEEkqm8q2C04sM',
  '9UZXKEodX/vOonUYu/FWyVNH2aPtJu5YCJ8zCE5ia2gRGmP+QrpinbMThmcIdLAptNBBylOCnZJrR6niHF8Zsw/DLPSElPnr',
  '7sXaceM2adrm9bzBYaF4fZQbABkEODCwQECCAwYHBBQYDEhgIIMDBAUMBLO99jZvt6DgZqE28UbrZS2qatSoGWjSDLRp/lf+',
  '/OrDPd4X6nLHTP964nWH33B2aaOPD582hJlbQhg/gkfIIGNR6HzGMWUwZxZvpFqz0g8decJ5CcEhiIPQIsGh0nCGROhMGFbJ',
  'gvQqzKF36Y4/bbAlagtZsa/W9yPcTtBjiFlyyJvGpY4bcjJJSMkmku+qj9NdHkMXozuhRukcQWz3VoyunsjOfOskf+rG+N7q',
  'mzvMQrwzCzkTy8P6cViUDWN4YYtJ9xRb7Z3rhDfcOS9wIzMntEw4h5CVOycLrjMdWXfjpHbi5nXfysdm+zgWJo15EzImm3+u',
  '2x242FrhOAa3TRqnbRMAJj9e8THXTISvExZqQhwO0Zchoh4HP3Xsk+bQNwaJtyEx9xthLg0L2RDLRPTTiCgXwXFgbCaVodkq',
  'xjtezBmLEHaFhVaIAxU9f0ZHTobyXJj0ocJmGb7kcD4TGCwSaCEDxR+zt5jR0qR54TzJQnkbCl+/nNdlkIjSQpXihWCvBqNa',
  'kBKBjqgRkFTLef8N4UutAREkWIEVnh/jekRQ2tfLEoPOP0rQc3pZgvwnhkzlI+rAp5LPFeWHSnst6cSw3pLPBWRmDUbQc3pZ',
  'gv6rCL/KP1GHSvuQHTIQe0rQc9qyBP0nhkzln5BsISn3MwwU5kWqZ1D3M6hyQu215IlhvSU9VwN9lR7Vd1ThcDSOD8fxYRwf',
  'xvHDOD6M48M4fBjHh3F8GI4P4/gwjhfG8WEcH8bhwzg+jOPDcHwYx4dxvDAO5n8LqAIZsjOb2jPpF1p5wlqesMoTVnmSVZ6w',
  'yhNW6WRg/9WrW8R0EwTXphEAqAZggb8K',
);

/** zstd -19 of a pipe: the header has no length */
export const STREAMED_ZSTD = stream(
  'KLUv/QRoNRkAGk3QCBaQqZIDp7cq1NfMfFu5RLaswIyMpwEBkACFAH4AMfIygjgWFqFCxDsr1zCkCqRM5kQSSqbyrYLTiwz1',
  'RlcoSh1f+86idRi78VbJU0fZo+0m7lgInzMITmJraBEaY/5CumKdsxOGZwh0sCm00EHKU4KdkmtHqeIcXxmzD8Ms9ISU+evu',
  'xdpx4zZp2ub1vMFhoXh9lBsAGQQ4MLBAQIIDBgcEFBgMSGAggwMEBQwEs732Nm+3oOBmoTbxRutlLapq1KgZaNIMtGn+V/78',
  '6sM93hfqcsdM/3ridYffcHZpo48PnzaEmVtCGD+CR8ggY1HofMYxZTBnFm+kWrPSDx15wnkJwSGIg9AiwaHScIZE6EwYVsmC',
  '9CrMoXfpjj9tsCVqC1mxr9b3I9xO0GOIWXLIm8aljhtyMklIySaS76qP010eQxejO6FG6RxBbPdWjK6eyM586yR/6sb43uqb',
  'O8xCvDMLORPLw/pxWJQNY3hhi0n3FFvtneuEN9w5L3AjMye0TDiHkJU7JwuuMx1Zd+OkduLmdd/Kx2b7OBYmjXkTMiabf67b',
  'HbjYWuE4BrdNGqdtEwAmP17xMddMhK8TFmpCHA7RlyGiHgc/deyT5tA3Bom3ITH3G2EuDQvZEMtE9NOIKBfBcWBsJpWh2SrG',
  'O17MGYsQdoWFVogDFT1/RkdOhvJcmPShwmYZvuRwPhMYLBJoIQPFH7O3mNHSpHnhPMlCeRsKX7+c12WQiNJCleKFYK8Go1qQ',
  'EoGOqBGQVMt5/w3hS60BESRYgRWeH+N6RFDa18sSg84/StBzelmC/CeGTOUj6sCnks8V5YdKey3pxLDeks8FZGYNRtBzelmC',
  '/qsIv8o/UYdK+5AdMhB7StBz2rIE/SeGTOWfkGwhKfczDBTmRapnUPczqHJC7bXkiWG9JT1XA32VHtV3VOFwNI4Px/FhHB/G',
  '8cM4Pozjwzh8GMeHcXwYjg/j+DCOF8bxYRwfxuHDOD6M48NwfBjHh3G8MA7mfwuoAhmyM5vaM+kXWnnCWp6wyhNWeZJVnrDK',
  'E1bpZGD/1atbxHQTBNemEQCoBmCBvwrTn5l9',
);

/** zstd --ultra --long=31 of a pipe */
export const LONG_ZSTD = stream(
  'KLUv/QSoPRoAlmpTFLBpOb9SkLhtmASRSUqZUpJ6yVwMVgBMAEkAdJDe6KBb9k30zBOWqt+OynXSzY21sU616vNEEmk4JCGF',
  'N206uGmZfZ2Eo0y5pjYZ216el2k6Qpm5am6GA0KBAUAYAg4GCwIJB4YDgYJhIMEQhgNCgUHzGr/O114suok+Qq/SSZeg/3PS',
  'fGTuuTn0GGIJEQmNEFmIFfqEHEJlGvJwPLdH6qGnwjPV8TukznTuyrRiVrpKZUWJU4IoMRShhOloG72OpmBwwVpV1Ft+X0Qm',
  '2mZTnQ9dNlKFnPA3PabNmcfqPp24Y1fFDXEWjuXGfbFZzItxiy32iE3ETEYsIhaviqkKV41VUdW/HACLqRar9bf81ltDLVLr',
  '0/K0Ni2SvtKXe3Hv/u3dfu2JvdkHS7NSV6ooRRldUYor0rmT54hCHD/ckMMJRzhhmbO0FpO6rhwrgY2oYXjv2f8MsYYiIkT1',
  'ETgoSSoiDKF8FFgSwCzKCTMikCARJAkgiZEcKRFIkAiSBJBE4JnvnlJcrtFIiPu72F2G+7dSjXB/o+oOZ7kEXPaLRPtNzw70',
  'fPvZzX29/TM8Hm89R+lvt/pLZ+n2M437cvtnWjzcer7QEG+xsC3n+qSq7d9xGNrq7m4u6eulL7Glb34HNvpHP9dradnJ5lq+',
  'DUlp7VVZuxrWXo3Wr9X+n9WZVPtypUI32WMWVnPalztKYdofO/RW2j//40daneH7RvtX5NOJ9svSaIVW+uFiAu2XaWr1IrdY',
  'rbOkPyQmzqqMS9dmX5wimmZVrEnG7He0pV32n/no6E00cxfE/DmR/elrz1NPHfLQo/1y6VEcfdgvrj7IefWiX5J4edV9sNj3',
  'XqsB5/2UTYC6nz4MgJ3qE3W291f7Fe3Snb2uqXQ5Rc6fl5z/K21B6UuOExLlfHJi7wGQhi2QtaOBqztPSNT5xKS9B0gMukDW',
  'xwLW7jwxIecTk34PgDTogpkdDav9LyFRzicn9h4AaVhqJhugontZ27CNoi7+6yVkcatItbVa/tKI7np2z91rFQv9eEjlpq5y',
  '0PoaifjbDEYRuhbLFoNefs4pwCSAr81MHL6c1/1H8x/p+RZrALi8BjCYl3lJAsHLEgKDlbiLUwXTn5l9',
);

/** zstd of nothing */
export const EMPTY_ZSTD = stream('KLUv/SQAAQAAmenYUQ==');
