void laplacian(const double *in, double *out, int height, int width) {
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double up = y > 0 ? in[(y - 1) * width + x] : 0.0;
            double down = y < height - 1 ? in[(y + 1) * width + x] : 0.0;
            double left = x > 0 ? in[y * width + x - 1] : 0.0;
            double right = x < width - 1 ? in[y * width + x + 1] : 0.0;
            out[y * width + x] = up + down + left + right - 4.0 * in[y * width + x];
        }
    }
}
