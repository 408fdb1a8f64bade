void rgb_to_gray(const unsigned char *rgb, unsigned char *gray, int width, int height) {
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const unsigned char *p = rgb + 3 * (y * width + x);
            gray[y * width + x] = (77 * p[0] + 150 * p[1] + 29 * p[2]) / 256;
        }
    }
}
