/** Tests compare what programs print, so no test may depend on whether the terminal or the CI asks for colours. */
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = '1';
