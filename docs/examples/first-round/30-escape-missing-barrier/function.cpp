int escape_total(float start, float step, float im, int n, int limit) {
    int total = 0;
    for (int i = 0; i < n; i++) {
        float re = start - i * step;
        float x = 0.0f, y = 0.0f;
        int k = 0;
        while (k < limit && x * x + y * y <= 4.0f) {
            float next = x * x - y * y + re;
            y = 2.0f * x * y + im;
            x = next;
            k++;
        }
        total += k;
    }
    return total;
}
