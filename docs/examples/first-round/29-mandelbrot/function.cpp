void mandelbrot(int width, int height, float left, float top, float step, int limit, int *count) {
    for (int py = 0; py < height; py++) {
        for (int px = 0; px < width; px++) {
            float cx = left + px * step;
            float cy = top - py * step;
            float x = 0.0f, y = 0.0f;
            int k = 0;
            while (k < limit && x * x + y * y <= 4.0f) {
                float next = x * x - y * y + cx;
                y = 2.0f * x * y + cy;
                x = next;
                k++;
            }
            count[py * width + px] = k;
        }
    }
}
