void box_blur(const unsigned char *in, unsigned char *out, int width, int height) {
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int sum = 0, count = 0;
            for (int dy = -1; dy <= 1; dy++) {
                for (int dx = -1; dx <= 1; dx++) {
                    if (y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width) {
                        sum += in[(y + dy) * width + x + dx];
                        count++;
                    }
                }
            }
            out[y * width + x] = sum / count;
        }
    }
}
