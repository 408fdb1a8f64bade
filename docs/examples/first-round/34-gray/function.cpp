void rgb_to_gray(const unsigned char *rgb, unsigned char *gray, int width, int height) {
    for (int i = 0; i < width * height; i++) {
        int r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
        gray[i] = (77 * r + 150 * g + 29 * b + 128) >> 8;
    }
}
